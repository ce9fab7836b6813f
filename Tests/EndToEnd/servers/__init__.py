"""Real servers of the tests' own, which end with them.

place.py     where things are, ports, and who cleans up when a test itself is killed
proxies.py   what stands between clients and servers, and loses answers or cuts connections
brokers.py   three brokers of Apache Kafka, each behind a proxy
database.py  one PostgreSQL server behind a proxy, its tables on a disk of its own that can be full
"""
