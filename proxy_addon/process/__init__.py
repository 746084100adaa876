"""The proxy as a child process: started, told what to do, watched, and stopped."""
