"""The intake: files become staged rows, are checked as a whole, and are applied or refused with reasons."""
