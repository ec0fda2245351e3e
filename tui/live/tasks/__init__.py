"""What goes on in the background: transfers and actions on many objects, kept over restarts."""
