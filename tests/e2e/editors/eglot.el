;;; eglot.el --- A session in a real Emacs with eglot  -*- lexical-binding: t -*-
(load (expand-file-name "session.el" (file-name-directory load-file-name)))

(defun session-raw (one)
  (let ((data (flymake-diagnostic-data one))) (alist-get 'eglot-lsp-diag data)))
(defun session-seen ()
  (vconcat
   (mapcar (lambda (one)
             (save-excursion
               (goto-char (flymake-diagnostic-beg one))
               `((line . ,(line-number-at-pos)) (column . ,(1+ (- (point) (line-beginning-position))))
                 (code . ,(plist-get (session-raw one) :code)) (message . ,(flymake-diagnostic-text one)))))
           (flymake-diagnostics))))
(defun session-run ()
  (require 'eglot)
  (require 'flymake)
  (setq eglot-sync-connect session-patience eglot-connect-timeout session-patience eglot-autoshutdown nil
        eglot-send-changes-idle-time 0 eglot-confirm-server-initiated-edits nil
        ;; nil would make eglot keep findings for the next check
        flymake-no-changes-timeout 0.1)
  (apply #'eglot (eglot--guess-contact))
  (let ((server (eglot-current-server)))
    (flymake-mode 1)
    (flymake-start) ; in batch nothing runs post-command-hook, where this is deferred to
    (session-wait-until (lambda () (flymake-diagnostics)))
    (session-put 'before (session-seen))
    (session-goto (session-get 'hover_line))
    (forward-char (session-get 'hover_column))
    (let ((hover (jsonrpc-request server :textDocument/hover (eglot--TextDocumentPositionParams))))
      (session-put 'hover (and hover (substring-no-properties
                                      (eglot--hover-info (plist-get hover :contents) (plist-get hover :range))))))
    (session-goto (session-get 'fix_line))
    (let* ((actions (append (eglot-code-actions (line-beginning-position) (line-end-position) nil) nil))
           (action (car actions)))
      (session-put 'actions (vconcat (mapcar (lambda (one) (plist-get one :title)) actions)))
      (cl-letf ((last-nonmenu-event ?x) ; nil means a mouse menu to eglot 1.9
                ((symbol-function 'completing-read) (lambda (&rest _) (plist-get action :title)))
                ((symbol-function 'y-or-n-p) (lambda (&rest _) t)))
        (if (fboundp 'eglot-execute) (eglot-execute server action)
          (eglot--read-execute-code-action (list action) server)))
      (eglot--signal-textDocument/didChange)
      (flymake-start)
      (session-wait-until (lambda () (not (flymake-diagnostics)))))
    (session-put 'after (session-seen))
    (session-put 'text (buffer-substring-no-properties (point-min) (point-max)))
    (ignore-errors (eglot-shutdown server nil 3))))

(session-do #'session-run)
;;; eglot.el ends here
