;;; lsp-mode.el --- A session in a real Emacs with lsp-mode  -*- lexical-binding: t -*-
(load (expand-file-name "session.el" (file-name-directory load-file-name)))

(defun session-seen ()
  (vconcat
   (mapcar (lambda (one)
             (let* ((one (if (hash-table-p one) one (json-parse-string (json-encode one))))
                    (start (gethash "start" (gethash "range" one))))
               `((line . ,(1+ (gethash "line" start))) (column . ,(1+ (gethash "character" start)))
                 (code . ,(gethash "code" one)) (message . ,(gethash "message" one)))))
           (append (lsp--get-buffer-diagnostics) nil))))

(defun session-run ()
  (require 'lsp-mode)
  (setq lsp-session-file (expand-file-name "lsp-session" (getenv "HOME")) lsp-warn-no-matched-clients nil
        lsp-response-timeout session-patience lsp-enable-suggest-server-download nil lsp-client-packages nil
        lsp-restart 'ignore lsp-diagnostics-provider :none lsp-modeline-code-actions-enable nil
        lsp-headerline-breadcrumb-enable nil lsp-enable-symbol-highlighting nil lsp-auto-execute-action nil)
  (lsp-workspace-folders-add (session-get 'root))
  (lsp)
  (unless (session-wait session-patience
                        (lambda () (and (lsp-workspaces)
                                        (cl-every (lambda (one) (eq 'initialized (lsp--workspace-status one)))
                                                  (lsp-workspaces)))))
    (error "lsp-mode did not initialize the server"))
  (session-wait-until (lambda () (> (length (session-seen)) 0)))
  (session-put 'before (session-seen))
  (session-goto (session-get 'hover_line))
  (forward-char (session-get 'hover_column))
  (let* ((hover (lsp-request "textDocument/hover" (lsp--text-document-position-params)))
         (contents (and hover (lsp:hover-contents hover))))
    (session-put 'hover (and contents (lsp:markup-content-value contents))))
  (session-goto (session-get 'fix_line))
  (let ((here (cl-find (session-get 'fix_line) (append (session-seen) nil) :key (lambda (one) (alist-get 'line one)))))
    (forward-char (1- (alist-get 'column here))))
  (let ((actions (append (lsp-code-actions-at-point) nil)))
    (session-put 'actions (vconcat (mapcar #'lsp:code-action-title actions)))
    (lsp-execute-code-action (car actions))
    (session-wait-until (lambda () (= (length (session-seen)) 0))))
  (session-put 'after (session-seen))
  (session-put 'text (buffer-substring-no-properties (point-min) (point-max)))
  (ignore-errors (lsp-workspace-shutdown (car (lsp-workspaces)))))

(session-do #'session-run)
;;; lsp-mode.el ends here
