"""Language models: the only package that loads spaCy, UDPipe and sequence taggers."""
