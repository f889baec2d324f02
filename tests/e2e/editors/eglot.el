;;; eglot.el --- A session in a real Emacs with eglot  -*- lexical-binding: t -*-
;; The same as neovim.lua does: open a file, hover, apply a quick fix, and tell as JSON what the user would see.
;; Input in $EDITOR_SESSION: cmd (list), root, file, fix_line and hover_line (1-based), hover_column (0-based).
(require 'json)
(require 'cl-lib)
(setq package-directory-list '("/usr/share/emacs/site-lisp/elpa"))
(package-initialize)

(defvar session (json-parse-string (getenv "EDITOR_SESSION") :object-type 'alist :array-type 'list))
(defun session-get (key) (alist-get key session))
(defvar session-out nil)
(defun session-put (key value) (push (cons key value) session-out))
(defun session-finish (code) (princ (concat (json-encode session-out) "\n")) (kill-emacs code))
(defvar session-patience 20.0)
(defvar session-calm 0.7)

(setq enable-local-variables nil make-backup-files nil auto-save-default nil create-lockfiles nil
      vc-handled-backends nil
      project-find-functions (list (lambda (_dir) (cons 'transient (file-name-as-directory (session-get 'root))))))

(defun session-wait (seconds predicate)
  (let ((end (+ (float-time) seconds)) done)
    (while (and (not (setq done (funcall predicate))) (< (float-time) end))
      (accept-process-output nil 0.03))
    done))
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
(defun session-wait-until (predicate)
  (session-wait session-patience predicate)
  (let ((last 'none) (since (float-time)))
    (session-wait session-patience
                  (lambda ()
                    (let ((now (session-seen)))
                      (unless (equal now last) (setq last now since (float-time))))
                    (> (- (float-time) since) session-calm)))))

(defun session-run ()
  (require 'eglot)
  (require 'flymake)
  (setq eglot-sync-connect session-patience eglot-connect-timeout session-patience eglot-autoshutdown nil
        eglot-send-changes-idle-time 0 eglot-confirm-server-initiated-edits nil
        ;; nil would make eglot keep findings for the next check
        flymake-no-changes-timeout 0.1
        eglot-server-programs (list (cons major-mode (session-get 'cmd))))
  (apply #'eglot (eglot--guess-contact))
  (let ((server (eglot-current-server)))
    (flymake-mode 1)
    (flymake-start) ; in batch nothing runs post-command-hook, where this is deferred to
    (session-wait-until (lambda () (flymake-diagnostics)))
    (session-put 'before (session-seen))
    (goto-char (point-min))
    (forward-line (1- (session-get 'hover_line)))
    (forward-char (session-get 'hover_column))
    (let ((hover (jsonrpc-request server :textDocument/hover (eglot--TextDocumentPositionParams))))
      (session-put 'hover (and hover (substring-no-properties
                                      (eglot--hover-info (plist-get hover :contents) (plist-get hover :range))))))
    (goto-char (point-min))
    (forward-line (1- (session-get 'fix_line)))
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

(find-file (session-get 'file))
(condition-case err (session-run)
  (error (session-put 'error (error-message-string err)) (session-finish 1)))
(session-finish 0)
;;; eglot.el ends here
