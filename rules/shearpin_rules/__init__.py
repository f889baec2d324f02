"""The rules of shearpin, one module each; the folder is the pack."""
