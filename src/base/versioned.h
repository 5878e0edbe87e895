/* Structs that the host fills and that grow from version to version: `uint32_t struct_size` first. */
#ifndef BC_BASE_VERSIONED_H
#define BC_BASE_VERSIONED_H

#include <bc/bc.h>

/* Copies as much of `given` as both sides know into `known`, whose `known_size` bytes hold the defaults
 * before; known's struct_size stays. BC_ERR_ARGUMENT for a struct_size too small to be one,
 * BC_ERR_UNSUPPORTED where a byte behind what this library knows is not zero; the members it knows
 * are copied all the same, for what must be closed. `name` is the struct's. */
bc_status bc__versioned_read(void *known, size_t known_size, const void *given, const char *name,
                             bc_error *error);

/* For structs that the library fills: writes as much of `known` as the host's `given` has room for;
 * given's struct_size stays, members that this library does not know become 0. */
bc_status bc__versioned_write(void *given, const void *known, size_t known_size, const char *name,
                              bc_error *error);

#endif
