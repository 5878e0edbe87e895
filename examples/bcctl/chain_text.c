#include "examples/bcctl/chain_text.h"

#include <string.h>

static int at_end(const chain_text *scan)
{
    return scan->position >= scan->length;
}

static char here(const chain_text *scan)
{
    return at_end(scan) ? '\0' : scan->text[scan->position];
}

/* Passes over white space, and over the commas and colons between values. */
static void skip_between(chain_text *scan)
{
    while (!at_end(scan) && strchr(" \t\r\n,:", here(scan)) != NULL) {
        scan->position++;
    }
}

static void skip_string(chain_text *scan)
{
    scan->position++;
    while (!at_end(scan) && here(scan) != '"') {
        scan->position += here(scan) == '\\' ? 2 : 1;
    }
    scan->position++;
}

/* Passes over one value, however deep. */
static void skip_value(chain_text *scan)
{
    size_t depth = 0;
    do {
        skip_between(scan);
        if (here(scan) == '"') {
            skip_string(scan);
        } else if (here(scan) == '{' || here(scan) == '[') {
            depth++;
            scan->position++;
        } else if (here(scan) == '}' || here(scan) == ']') {
            depth -= depth > 0;
            scan->position++;
        } else {
            while (!at_end(scan) && strchr(" \t\r\n,:]}", here(scan)) == NULL) {
                scan->position++;
            }
        }
        if (scan->position > scan->length) {
            scan->position = scan->length;
        }
    } while (depth > 0 && !at_end(scan));
}

int chain_text_begin(chain_text *scan, const char *text, size_t length)
{
    static const char name[] = "\"chain\"";
    size_t found = length;
    *scan = (chain_text){.text = text, .length = length};
    skip_between(scan);
    if (here(scan) == '{') {
        scan->position++;
        for (skip_between(scan); here(scan) == '"'; skip_between(scan)) {
            size_t start = scan->position;
            skip_string(scan);
            int is_chain = scan->position - start == sizeof name - 1 &&
                           memcmp(text + start, name, sizeof name - 1) == 0;
            skip_between(scan);
            if (is_chain) {
                found = scan->position; /* of repeated members the last one counts */
            }
            skip_value(scan);
        }
        scan->position = found;
    }
    if (here(scan) != '[') {
        return 0;
    }
    scan->position++;
    return 1;
}

int chain_text_next(chain_text *scan, const char **block, size_t *length)
{
    skip_between(scan);
    if (at_end(scan) || here(scan) == ']') {
        return 0;
    }
    size_t start = scan->position;
    skip_value(scan);
    *block = scan->text + start;
    *length = scan->position - start;
    return 1;
}
