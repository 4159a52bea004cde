#include "http_rest/RestConversation.h"

GATEHOUSE_PROTOCOL("http_rest", "0.1.0", "HTTP/1.1 for the management API.",
                   gatehouse::http_rest::RestConversation)
