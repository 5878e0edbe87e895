/* Options: checked, and completed with their defaults. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

enum { MINE_RECIPIENT_BYTES_MAX = 4096 }; /* as bc_mine_options takes them */

static const uint64_t one_day_us = 86400 * (uint64_t)BC__HTTP_SECOND_US;

void bc_http_options_init(bc_http_options *options)
{
    if (options != NULL) {
        memset(options, 0, sizeof *options);
        options->struct_size = (uint32_t)sizeof *options;
    }
}

/* Copies what both sides know; the members that the program does not know stay zero, and those that
 * this library does not know must be. */
static bc_status copy_options(bc_http_options *to, const bc_http_options *from, bc_error *error)
{
    bc_http_options_init(to);
    if (from == NULL) {
        return BC_OK;
    }
    if (from->struct_size < sizeof from->struct_size) {
        return bc__http_fail(error, BC_ERR_ARGUMENT, 0,
                             "struct_size of the options is not set: use BC_HTTP_OPTIONS_INIT");
    }
    for (size_t i = sizeof *to; i < from->struct_size; i++) {
        if (((const unsigned char *)from)[i] != 0) {
            return bc__http_fail(error, BC_ERR_UNSUPPORTED, 0,
                                 "the options have members that this version does not know");
        }
    }
    memcpy(to, from, from->struct_size < sizeof *to ? from->struct_size : sizeof *to);
    if (to->zero != 0) {
        return bc__http_fail(error, BC_ERR_ARGUMENT, 0, "zero of the options is not 0");
    }
    return BC_OK;
}

static bc_status copy_log(bc_log *to, const bc_log *from, bc_error *error)
{
    memset(to, 0, sizeof *to);
    if (from == NULL) {
        return BC_OK;
    }
    if (from->struct_size < sizeof *to) {
        return bc__http_fail(error, BC_ERR_ARGUMENT, 0, "struct_size of the log is not set");
    }
    for (size_t i = sizeof *to; i < from->struct_size; i++) {
        if (((const unsigned char *)from)[i] != 0) {
            return bc__http_fail(error, BC_ERR_UNSUPPORTED, 0,
                                 "the log has members that this version does not know");
        }
    }
    memcpy(to, from, sizeof *to);
    return BC_OK;
}

typedef struct range {
    const char *name;
    const uint64_t *given;
    uint64_t *to;
    uint64_t least;
    uint64_t most;
    uint64_t standard; /* what zero means */
} range;

static bc_status read_ranges(const range *ranges, size_t count, bc_error *error)
{
    for (size_t i = 0; i < count; i++) {
        const range *r = &ranges[i];
        uint64_t value = *r->given == 0 ? r->standard : *r->given;
        if (value < r->least || value > r->most) {
            return bc__http_fail(error, BC_ERR_ARGUMENT, 0,
                                 "%s of the options is %llu; it may be %llu to %llu", r->name,
                                 (unsigned long long)value, (unsigned long long)r->least,
                                 (unsigned long long)r->most);
        }
        *r->to = value;
    }
    return BC_OK;
}

static bc_status read_amounts(bc__http_settings *to, const bc_http_options *from, bc_error *error)
{
    const uint64_t second = BC__HTTP_SECOND_US;
    const uint64_t kib = 1024;
    const uint64_t mib = kib * kib;
    const range ranges[] = {
        {"connect_timeout_us", &from->connect_timeout_us, &to->connect_timeout_us, second / 1000,
         one_day_us, 5 * second},
        {"request_timeout_us", &from->request_timeout_us, &to->request_timeout_us, second / 1000,
         one_day_us, 30 * second},
        {"low_speed_us", &from->low_speed_us, &to->low_speed_us, second / 1000, one_day_us,
         15 * second},
        {"low_speed_bytes", &from->low_speed_bytes, &to->low_speed_bytes, 1, 1024 * mib, 64},
        {"max_requests", &from->max_requests, &to->max_requests, 1, 1024, 32},
        {"max_answer_header_bytes", &from->max_answer_header_bytes, &to->max_answer_header_bytes,
         kib, 16 * mib, 64 * kib},
        {"server_timeout_us", &from->server_timeout_us, &to->server_timeout_us, second / 1000,
         one_day_us, 30 * second},
        {"max_header_bytes", &from->max_header_bytes, &to->max_header_bytes, kib, 16 * mib,
         32 * kib},
        {"max_body_bytes", &from->max_body_bytes, &to->max_body_bytes, kib, 1024 * mib, mib},
    };
    return read_ranges(ranges, sizeof ranges / sizeof ranges[0], error);
}

static bc_status read_bind(bc__http_settings *to, const char *bind, bc_error *error)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (bind == NULL) {
        bind = "127.0.0.1";
    }
    if (strlen(bind) > BC__HTTP_BIND_BYTES_MAX) {
        return bc__http_fail(error, BC_ERR_ARGUMENT, 0,
                             "bind of the options is longer than any IPv4 or IPv6 address");
    }
    if (inet_pton(AF_INET, bind, &v4) == 1) {
        to->loopback = ntohl(v4.s_addr) >> 24 == 127;
    } else if (inet_pton(AF_INET6, bind, &v6) == 1) {
        to->loopback = IN6_IS_ADDR_LOOPBACK(&v6);
    } else {
        return bc__http_fail(error, BC_ERR_ARGUMENT, 0,
                             "bind of the options is neither an IPv4 address such as 127.0.0.1 nor "
                             "an IPv6 address such as ::1");
    }
    (void)snprintf(to->bind, sizeof to->bind, "%s", bind);
    return BC_OK;
}

static bc_status read_server(bc__http_settings *to, const bc_http_options *from, bc_error *error)
{
    if (from->port > UINT16_MAX) {
        return bc__http_fail(error, BC_ERR_ARGUMENT, 0,
                             "port of the options is %u; it may be 0 to 65535",
                             (unsigned)from->port);
    }
    to->port = (uint16_t)from->port;
    to->max_connections = from->max_connections == 0 ? 128 : from->max_connections;
    if (to->max_connections > 10000 || from->max_connections_per_ip > 10000) {
        return bc__http_fail(error, BC_ERR_ARGUMENT, 0,
                             "max_connections and max_connections_per_ip of the options may be 1 "
                             "to 10000");
    }
    to->max_connections_per_ip = from->max_connections_per_ip;
    if (to->max_connections_per_ip == 0) {
        to->max_connections_per_ip = to->loopback ? to->max_connections : 64;
    }
    return BC_OK;
}

static bc_status read_mining(bc__http_settings *to, const bc_http_options *from, bc_error *error)
{
    size_t length = from->mine_recipient_length;

    to->mine_threads = from->mine_threads;
    to->mine_signer = bc_key_ref((bc_key *)from->mine_signer); /* the count is atomic */
    if (from->mine_recipient == NULL) {
        return BC_OK;
    }
    if (length > MINE_RECIPIENT_BYTES_MAX) {
        return bc__http_fail(error, BC_ERR_ARGUMENT, 0,
                             "mine_recipient of the options has %zu bytes; at most %d are taken",
                             length, MINE_RECIPIENT_BYTES_MAX);
    }
    to->mine_recipient = malloc(length == 0 ? 1 : length);
    if (to->mine_recipient == NULL) {
        return bc__http_fail(error, BC_ERR_MEMORY, 0, "no memory for mine_recipient");
    }
    memcpy(to->mine_recipient, from->mine_recipient, length);
    to->mine_recipient_length = length;
    return BC_OK;
}

void bc__http_settings_free(bc__http_settings *settings)
{
    bc_key_unref(settings->mine_signer);
    free(settings->mine_recipient);
}

bc_status bc__http_settings_read(bc__http_settings *settings, const bc_http_options *options,
                                 bc_error *error)
{
    bc_http_options all;
    bc_status status = copy_options(&all, options, error);

    memset(settings, 0, sizeof *settings);
    if (status == BC_OK) {
        status = copy_log(&settings->log, all.log, error);
    }
    if (status == BC_OK) {
        status = read_amounts(settings, &all, error);
    }
    if (status == BC_OK) {
        status = read_bind(settings, all.bind, error);
    }
    if (status == BC_OK) {
        status = read_server(settings, &all, error);
    }
    if (status == BC_OK) {
        status = read_mining(settings, &all, error);
    }
    return status;
}
