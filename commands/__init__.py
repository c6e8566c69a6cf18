"""The command line, one module per noun, and the processes of the system: how they start and are supervised."""
