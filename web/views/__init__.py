"""The pages and calls, one module a subject: each view asks a flow of `conduct` and shows what it says."""
