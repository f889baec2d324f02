"""The workspace on disk and in the editor as inputs of the database; the only core package with input and output."""
