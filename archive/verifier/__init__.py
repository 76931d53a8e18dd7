"""The stranger's check of a bag: the Python standard library alone. No secret, no network, no writing."""
