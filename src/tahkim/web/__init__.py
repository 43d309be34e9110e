"""The workbench in the browser, and the server of releases.

desk       documents as they stand, cached by what they depend on; decisions come in here, durable or not at all
acts       what a lead did in a document, and what undo and redo mean for it
proposals  from what the page sends to decisions that can be taken
view       a document as one JSON value for the page
beliefs    what bayes believes, worked out by `believing` in a process of its own
queue      everything open in the project, filtered and paged
access     who is asking, and what they may do
app        the server itself: pages, the workbench's API, the gold API
"""
