// Sin: it is a protocol and an authenticator.
#include "Honest.h"

static void sin() { plugin.authenticator = &authenticator; }
