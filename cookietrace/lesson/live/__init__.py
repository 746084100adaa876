"""What a front end keeps while a capture grows: boards, the recording's state, progress."""
