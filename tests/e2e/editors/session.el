;;; session.el --- What sessions in a real Emacs share  -*- lexical-binding: t -*-
;; They do the same as neovim.lua: open a file, hover, apply a quick fix, and tell as JSON what the user would see.
;; Input in $EDITOR_SESSION: cmd (list), root, file, fix_line and hover_line (1-based), hover_column (0-based), setup
;; (the configuration to try).
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

(defun session-do-setup ()
  "Run what a page of the documentation says."
  (with-temp-buffer
    (insert (session-get 'setup))
    (goto-char (point-min))
    (condition-case nil (while t (eval (read (current-buffer)) t)) (end-of-file nil))))
(defun session-goto (line)
  (goto-char (point-min))
  (forward-line (1- line)))
(defun session-wait (seconds predicate)
  (let ((end (+ (float-time) seconds)) done)
    (while (and (not (setq done (funcall predicate))) (< (float-time) end))
      (accept-process-output nil 0.03))
    done))
(defun session-wait-until (predicate)
  (session-wait session-patience predicate)
  (let ((last 'none) (since (float-time)))
    (session-wait session-patience
                  (lambda ()
                    (let ((now (session-seen)))
                      (unless (equal now last) (setq last now since (float-time))))
                    (> (- (float-time) since) session-calm)))))
(defun session-do (run)
  (session-do-setup)
  (find-file (session-get 'file))
  (condition-case err (funcall run)
    (error (session-put 'error (error-message-string err)) (session-finish 1)))
  (session-finish 0))
;;; session.el ends here
