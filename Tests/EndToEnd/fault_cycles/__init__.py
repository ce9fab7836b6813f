"""Real processes, real servers, and what happens to them: the parts of test_fault_cycles.

processes.py   the producers and projectors
faults.py      everything that can go wrong, and how it is mended
schedule.py    which of it happens when, from a seed
checks.py      what must hold meanwhile and in the end
log_reader.py  the log as Kafka's own clients see it
"""
