#ifndef PARLEY_FAULTY_DISK_H
#define PARLEY_FAULTY_DISK_H

#include <stdint.h>

// A SQLite file layer for tests: the system's own, with faults that the test switches on, and with a memory of what was
// synced, so that a test can see what a loss of power would leave. All functions may be called from any thread.
typedef struct faulty_disk faulty_disk;

// Registers a layer under a name that no other has. It stays registered for the life of the process.
faulty_disk *faulty_disk_register(const char *name);

// From now on every sync fails (IOERR_FSYNC).
void faulty_disk_fail_syncs(faulty_disk *disk, int on);
// From now on every write fails (IOERR_WRITE).
void faulty_disk_fail_writes(faulty_disk *disk, int on);
// The disk takes so many bytes more, then it is full; negative: no limit.
void faulty_disk_set_space(faulty_disk *disk, int64_t bytes);
int64_t faulty_disk_space(faulty_disk *disk);
// Every sync takes so much longer.
void faulty_disk_slow_syncs(faulty_disk *disk, int microseconds);
// How many syncs there were.
int64_t faulty_disk_syncs(faulty_disk *disk);

// Writes into a directory what a loss of power would leave at this moment: of each file that was opened through the layer
// and is still there, what it held at its last sync. Answers 0, or an errno.
int faulty_disk_save_synced(faulty_disk *disk, const char *directory);

// Towards files, the calling thread (no other) acts as this user from now on; only root can become another.
void faulty_disk_act_as(unsigned user);

#endif
