"""A page to try numbadp in a browser, served to this machine alone; the extra ``ui``.

`numbadp.ui.session` knows pictures, options and releases, `words` says it, `page` is the page,
`serving` opens it.  A picture comes as text in a request and goes as text in an answer: nothing of
it is written to a disk, and everything that the page loads comes from this machine.
"""
