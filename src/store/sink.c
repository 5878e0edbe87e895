#include "src/store/sink.h"

void bc__sink_init(bc_sink *sink, bc__bytes *target)
{
    *sink = (bc_sink){.target = target, .failure = BC_OK};
}

bc_status bc_sink_put(bc_sink *sink, const uint8_t *bytes, size_t length)
{
    if (sink == NULL) {
        return BC_ERR_ARGUMENT;
    }
    if (sink->failure == BC_OK) {
        sink->failure = bytes == NULL && length > 0 ? BC_ERR_ARGUMENT
                                                    : bc__bytes_append(sink->target, bytes, length);
    }
    return sink->failure;
}

bc_status bc__sink_status(const bc_sink *sink)
{
    return sink->failure;
}
