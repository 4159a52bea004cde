#include "resp/RespConversation.h"

GATEHOUSE_PROTOCOL("resp", "0.1.0", "RESP for databases, in front of redis-server.",
                   gatehouse::resp::RespConversation)
