"""Real processes, a real Apache Kafka, a real PostgreSQL, and what happens to them: the parts of test_fault_cycles.

place.py       where things are, ports, and who cleans up when the test itself is killed
proxies.py     what stands between clients and servers, and loses answers or cuts connections
brokers.py     three brokers, each behind a proxy
database.py    one PostgreSQL server behind a proxy, its tables on a disk of its own that can be full
processes.py   the producers and projectors
faults.py      everything that can go wrong, and how it is mended
schedule.py    which of it happens when, from a seed
checks.py      what must hold meanwhile and in the end
log_reader.py  the log as Kafka's own clients see it
"""
