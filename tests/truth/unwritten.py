"""x"""
UNWRITTEN = ()
