#ifndef PARLEY_CPOSTGRES_SHIM_H
#define PARLEY_CPOSTGRES_SHIM_H

#include <libpq-fe.h>

// What Swift cannot say: the codes of error fields are character constants, and a notice receiver is a C function.

static inline const char *parley_pq_sqlstate(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_SQLSTATE);
}

static inline const char *parley_pq_message(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
}

static inline const char *parley_pq_constraint(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
}

static inline void parley_pq_drop_notice(void *context, const PGresult *result) {
    (void)context;
    (void)result;
}

static inline void parley_pq_drop_notices(PGconn *connection) {
    PQsetNoticeReceiver(connection, parley_pq_drop_notice, 0);
}

#endif
