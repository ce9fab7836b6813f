#define _GNU_SOURCE
#include "faulty_disk.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <unistd.h>

// What one file held at its last sync.
typedef struct image {
    struct image *next;
    char *path;
    unsigned char *bytes;
    sqlite3_int64 count;
} image;

struct faulty_disk {
    sqlite3_vfs layer;
    sqlite3_vfs *real;
    atomic_int fail_syncs, fail_writes, sync_delay;
    atomic_llong space, syncs;
    pthread_mutex_t lock;  // guards the images
    image *images;
};

typedef struct {
    sqlite3_file base;
    faulty_disk *disk;
    const char *path;  // SQLite keeps it while the file is open; NULL for a temporary file
    sqlite3_file *real;
} faulty_file;

#define REAL(f) (((faulty_file *)(f))->real)
#define DISK(f) (((faulty_file *)(f))->disk)

// MARK: What was synced

static image *find_image(faulty_disk *disk, const char *path) {
    image *one = disk->images;
    while (one && strcmp(one->path, path)) one = one->next;
    return one;
}

// Remembers what the file holds now. The lock is held.
static int keep_image(faulty_file *file) {
    sqlite3_int64 count = 0;
    int code = file->real->pMethods->xFileSize(file->real, &count);
    if (code != SQLITE_OK) return code;
    unsigned char *bytes = malloc(count ? (size_t)count : 1);
    if (!bytes) return SQLITE_NOMEM;
    for (sqlite3_int64 at = 0; at < count && code == SQLITE_OK; at += 1 << 20) {
        int part = count - at < 1 << 20 ? (int)(count - at) : 1 << 20;
        code = file->real->pMethods->xRead(file->real, bytes + at, part, at);
    }
    image *one = find_image(file->disk, file->path);
    if (!one && code == SQLITE_OK) {
        one = calloc(1, sizeof *one);
        one->path = strdup(file->path);
        one->next = file->disk->images;
        file->disk->images = one;
    }
    if (code != SQLITE_OK) {
        free(bytes);
        return code;
    }
    free(one->bytes);
    one->bytes = bytes;
    one->count = count;
    return SQLITE_OK;
}

static void forget_image(faulty_disk *disk, const char *path) {
    pthread_mutex_lock(&disk->lock);
    for (image **at = &disk->images; *at; at = &(*at)->next) {
        if (strcmp((*at)->path, path)) continue;
        image *gone = *at;
        *at = gone->next;
        free(gone->path);
        free(gone->bytes);
        free(gone);
        break;
    }
    pthread_mutex_unlock(&disk->lock);
}

int faulty_disk_save_synced(faulty_disk *disk, const char *directory) {
    int result = 0;
    pthread_mutex_lock(&disk->lock);
    for (image *one = disk->images; one && !result; one = one->next) {
        if (access(one->path, F_OK)) continue;
        const char *slash = strrchr(one->path, '/');
        char target[4096];
        snprintf(target, sizeof target, "%s/%s", directory, slash ? slash + 1 : one->path);
        FILE *file = fopen(target, "wb");
        if (!file) {
            result = errno;
            break;
        }
        if (fwrite(one->bytes, 1, (size_t)one->count, file) != (size_t)one->count) result = EIO;
        if (fclose(file) && !result) result = errno;
    }
    pthread_mutex_unlock(&disk->lock);
    return result;
}

// MARK: The file's methods

static int file_close(sqlite3_file *f) { return REAL(f)->pMethods->xClose(REAL(f)); }
static int file_read(sqlite3_file *f, void *to, int count, sqlite3_int64 at) {
    return REAL(f)->pMethods->xRead(REAL(f), to, count, at);
}
static int file_write(sqlite3_file *f, const void *from, int count, sqlite3_int64 at) {
    if (DISK(f)->fail_writes) return SQLITE_IOERR_WRITE;
    if (DISK(f)->space >= 0) {
        if (DISK(f)->space < count) return SQLITE_FULL;
        DISK(f)->space -= count;
    }
    return REAL(f)->pMethods->xWrite(REAL(f), from, count, at);
}
static int file_truncate(sqlite3_file *f, sqlite3_int64 size) { return REAL(f)->pMethods->xTruncate(REAL(f), size); }
static int file_sync(sqlite3_file *f, int flags) {
    faulty_file *file = (faulty_file *)f;
    file->disk->syncs++;
    if (file->disk->sync_delay) usleep((useconds_t)file->disk->sync_delay);
    if (file->disk->fail_syncs) return SQLITE_IOERR_FSYNC;
    int code = REAL(f)->pMethods->xSync(REAL(f), flags);
    if (code != SQLITE_OK || !file->path) return code;
    pthread_mutex_lock(&file->disk->lock);
    code = keep_image(file);
    pthread_mutex_unlock(&file->disk->lock);
    return code;
}
static int file_size(sqlite3_file *f, sqlite3_int64 *size) { return REAL(f)->pMethods->xFileSize(REAL(f), size); }
static int file_lock(sqlite3_file *f, int level) { return REAL(f)->pMethods->xLock(REAL(f), level); }
static int file_unlock(sqlite3_file *f, int level) { return REAL(f)->pMethods->xUnlock(REAL(f), level); }
static int file_check(sqlite3_file *f, int *out) { return REAL(f)->pMethods->xCheckReservedLock(REAL(f), out); }
static int file_control(sqlite3_file *f, int op, void *arg) { return REAL(f)->pMethods->xFileControl(REAL(f), op, arg); }
static int file_sector(sqlite3_file *f) { return REAL(f)->pMethods->xSectorSize(REAL(f)); }
static int file_device(sqlite3_file *f) { return REAL(f)->pMethods->xDeviceCharacteristics(REAL(f)); }
static int file_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out) {
    return REAL(f)->pMethods->xShmMap(REAL(f), page, size, extend, out);
}
static int file_shm_lock(sqlite3_file *f, int at, int count, int flags) {
    return REAL(f)->pMethods->xShmLock(REAL(f), at, count, flags);
}
static void file_shm_barrier(sqlite3_file *f) { REAL(f)->pMethods->xShmBarrier(REAL(f)); }
static int file_shm_unmap(sqlite3_file *f, int remove) { return REAL(f)->pMethods->xShmUnmap(REAL(f), remove); }

static const sqlite3_io_methods methods = {
    .iVersion = 2, .xClose = file_close, .xRead = file_read, .xWrite = file_write, .xTruncate = file_truncate,
    .xSync = file_sync, .xFileSize = file_size, .xLock = file_lock, .xUnlock = file_unlock,
    .xCheckReservedLock = file_check, .xFileControl = file_control, .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_device, .xShmMap = file_shm_map, .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier, .xShmUnmap = file_shm_unmap,
};

// MARK: The layer's methods

static int layer_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *f, int flags, int *out) {
    faulty_disk *disk = vfs->pAppData;
    faulty_file *file = (faulty_file *)f;
    file->base.pMethods = NULL;
    file->disk = disk;
    file->path = path;
    file->real = (sqlite3_file *)(file + 1);
    int code = disk->real->xOpen(disk->real, path, file->real, flags, out);
    if (code != SQLITE_OK) return code;
    file->base.pMethods = &methods;
    if (!path) return SQLITE_OK;
    pthread_mutex_lock(&disk->lock);
    // What a file holds when it is seen first counts as synced.
    if (!find_image(disk, path)) keep_image(file);
    pthread_mutex_unlock(&disk->lock);
    return SQLITE_OK;
}
static int layer_delete(sqlite3_vfs *vfs, const char *path, int sync) {
    faulty_disk *disk = vfs->pAppData;
    forget_image(disk, path);
    return disk->real->xDelete(disk->real, path, sync);
}

#define PASS(vfs) (((faulty_disk *)(vfs)->pAppData)->real)
static int layer_access(sqlite3_vfs *v, const char *path, int flags, int *out) {
    return PASS(v)->xAccess(PASS(v), path, flags, out);
}
static int layer_full(sqlite3_vfs *v, const char *path, int count, char *out) {
    return PASS(v)->xFullPathname(PASS(v), path, count, out);
}
static int layer_random(sqlite3_vfs *v, int count, char *out) { return PASS(v)->xRandomness(PASS(v), count, out); }
static int layer_sleep(sqlite3_vfs *v, int micros) { return PASS(v)->xSleep(PASS(v), micros); }
static int layer_time(sqlite3_vfs *v, double *out) { return PASS(v)->xCurrentTime(PASS(v), out); }
static int layer_error(sqlite3_vfs *v, int count, char *out) { return PASS(v)->xGetLastError(PASS(v), count, out); }
static int layer_time64(sqlite3_vfs *v, sqlite3_int64 *out) { return PASS(v)->xCurrentTimeInt64(PASS(v), out); }

faulty_disk *faulty_disk_register(const char *name) {
    faulty_disk *disk = calloc(1, sizeof *disk);
    if (!disk) return NULL;
    disk->real = sqlite3_vfs_find(NULL);
    disk->space = -1;
    pthread_mutex_init(&disk->lock, NULL);
    disk->layer = (sqlite3_vfs){
        .iVersion = 2, .szOsFile = (int)sizeof(faulty_file) + disk->real->szOsFile, .mxPathname = disk->real->mxPathname,
        .zName = strdup(name), .pAppData = disk, .xOpen = layer_open, .xDelete = layer_delete, .xAccess = layer_access,
        .xFullPathname = layer_full, .xRandomness = layer_random, .xSleep = layer_sleep, .xCurrentTime = layer_time,
        .xGetLastError = layer_error, .xCurrentTimeInt64 = layer_time64,
    };
    if (sqlite3_vfs_register(&disk->layer, 0) != SQLITE_OK) return NULL;
    return disk;
}

void faulty_disk_fail_syncs(faulty_disk *disk, int on) { disk->fail_syncs = on; }
void faulty_disk_fail_writes(faulty_disk *disk, int on) { disk->fail_writes = on; }
void faulty_disk_set_space(faulty_disk *disk, int64_t bytes) { disk->space = bytes; }
int64_t faulty_disk_space(faulty_disk *disk) { return disk->space; }
void faulty_disk_slow_syncs(faulty_disk *disk, int microseconds) { disk->sync_delay = microseconds; }
int64_t faulty_disk_syncs(faulty_disk *disk) { return disk->syncs; }

void faulty_disk_act_as(unsigned user) { setfsuid(user); }
