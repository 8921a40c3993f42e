/* handshake.h: the kernel tells its launcher which ports it has bound (JEP 66, "Kernel
 * Handshaking pattern").
 *
 *     if (c->registrar_port)
 *         rc = jup_handshake(c, &signer, context, JUP_HANDSHAKE_SECONDS, &e);
 *
 * One message to the registration socket and one back, both
 *
 *     <IDS|MSG> | signature of the content | content
 *
 * The answer's content does not matter, its signature does: what is signed badly is passed
 * over, and whoever waits for an answer waits for the right one. */
#ifndef JUP_HANDSHAKE_H
#define JUP_HANDSHAKE_H

#include "connection.h"
#include "sign.h"

#define JUP_HANDSHAKE_SECONDS 5.0

/* The sockets are bound and c->port says where. 0 once the launcher has acknowledged;
 * ERR_IO when it cannot be reached or says nothing in time, ERR_AUTH when all that it said
 * was signed badly, ERR_NOMEM. */
int jup_handshake(const struct jup_connection *c, struct jup_signer *signer,
                  void *context, double seconds, struct err *e);

#endif
