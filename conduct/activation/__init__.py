"""Members' keys are opened in a process of their own; docs/activation.md."""
