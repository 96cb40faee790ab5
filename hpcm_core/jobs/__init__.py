"""Many items through one piece of work, wherever there are processors: `pool` says what that is, `here`, `local` and
`cluster` are this process, processes of this machine and Ray, `choosing` takes one of them, and `manifest` remembers
what is done. No codec is met here: the work is a value that is sent to each worker once.
"""
