#pragma once
#include <string_view>

/// All that this plugin ever says itself. Where Redis has words for it, they are Redis's 7.0; none holds a
/// byte of the peer's.
namespace gatehouse::resp::answers {

inline constexpr std::string_view ok = "+OK\r\n";
inline constexpr std::string_view reset = "+RESET\r\n";
inline constexpr std::string_view noAuth = "-NOAUTH Authentication required.\r\n";
inline constexpr std::string_view helloNoAuth =
    "-NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> "
    "<pass> option can be used to authenticate the client and select the RESP protocol version at the same "
    "time\r\n";
inline constexpr std::string_view wrongPass =
    "-WRONGPASS invalid username-password pair or user is disabled.\r\n";
inline constexpr std::string_view authArity = "-ERR wrong number of arguments for 'auth' command\r\n";
inline constexpr std::string_view authSyntax = "-ERR syntax error\r\n";
inline constexpr std::string_view resetArity = "-ERR wrong number of arguments for 'reset' command\r\n";
inline constexpr std::string_view tooLong = "-ERR Protocol error: too big a login\r\n";

inline constexpr std::string_view loginUnchecked =
    "-TRYAGAIN the login could not be checked at the moment\r\n";
inline constexpr std::string_view loading = "-LOADING the database is not ready yet\r\n";
inline constexpr std::string_view userRefused = "-NOPERM this user may not use this database\r\n";
inline constexpr std::string_view certificateRefused =
    "-NOPERM the certificate that was shown gives no access to this database\r\n";

} // namespace gatehouse::resp::answers
