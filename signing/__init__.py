"""What was stated, by whom, when: canonical bytes, the Merkle log, keys, certificates, authorisations and signatures.

Nothing here reads a clock, a file or the network; randomness is drawn only where a key is made.
"""
