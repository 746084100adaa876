"""The proxy as a child process: start, commands, reports and stop."""
