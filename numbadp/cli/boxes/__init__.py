"""Boxes from files of many programs: for every picture its name there and what is to be covered.

Statement.  What a file says of a picture is an entry; a box that makes no sense makes its entry
  faulty, and a faulty entry covers nothing and lets nothing be written.  A file that is not
  understood as a whole is refused.  Boxes count pixels of the picture as it is shown.
Tested by tests/cli/boxes/
"""
