#ifndef PARLEY_CSQLITE_SHIM_H
#define PARLEY_CSQLITE_SHIM_H

#include <sqlite3.h>

// What Swift cannot say: the two destructor constants are casts, and sqlite3_db_config takes a variable argument list.

static inline int parley_sqlite3_bind_blob_copied(sqlite3_stmt *s, int index, const void *bytes, sqlite3_uint64 count) {
    return sqlite3_bind_blob64(s, index, bytes, count, SQLITE_TRANSIENT);
}

static inline int parley_sqlite3_bind_blob_borrowed(sqlite3_stmt *s, int index, const void *bytes, sqlite3_uint64 count) {
    return sqlite3_bind_blob64(s, index, bytes, count, SQLITE_STATIC);
}

static inline int parley_sqlite3_bind_text_copied(sqlite3_stmt *s, int index, const char *bytes, sqlite3_uint64 count) {
    return sqlite3_bind_text64(s, index, bytes, count, SQLITE_TRANSIENT, SQLITE_UTF8);
}

static inline int parley_sqlite3_set_flag(sqlite3 *db, int option, int on) {
    return sqlite3_db_config(db, option, on, (int *)0);
}

#endif
