#ifndef PARLEY_CLINUX_SHIM_H
#define PARLEY_CLINUX_SHIM_H

#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <sys/syscall.h>

// What Swift cannot say: calls of Linux that the C library declares for whoever asks for its extensions, or not at all.
// Each returns 0, or -1 with errno.

long syscall(long number, ...);

// Starts the write-back of a range of a file and waits for it; not durable without a sync.
static inline int parley_write_out(int descriptor, int64_t offset, int64_t bytes) {
    const unsigned waitBefore = 1, write = 2, waitAfter = 4;
    return (int)syscall(SYS_sync_file_range, descriptor, offset, bytes, waitBefore | write | waitAfter);
}

// The processors that the calling thread may use, a bit each; of the bytes given only some may be written.
static inline int parley_get_processors(uint64_t *words, size_t bytes) {
    return syscall(SYS_sched_getaffinity, 0, bytes, words) < 0 ? -1 : 0;
}

static inline int parley_set_processors(const uint64_t *words, size_t bytes) {
    return (int)syscall(SYS_sched_setaffinity, 0, bytes, words);
}

// A priority of the fair scheduler, from -20 to 19, the lowest, for the calling thread, in turns of so many nanoseconds (since
// Linux 6.12; older ones set the priority alone).
static inline int parley_set_priority(int priority, uint64_t nanoseconds) {
    struct {
        uint32_t size, policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t runtime, deadline, period;
    } attributes = {sizeof attributes, 0, 0, priority, 0, nanoseconds, 0, 0};
    return (int)syscall(SYS_sched_setattr, 0, &attributes, 0);
}

// The priority of the calling thread stays, its turns become so many nanoseconds.
static inline int parley_set_turn(uint64_t nanoseconds) {
    // The system gives 20 less the priority.
    const long found = syscall(SYS_getpriority, 0, 0);
    return found < 0 ? -1 : parley_set_priority(20 - (int)found, nanoseconds);
}

#endif
