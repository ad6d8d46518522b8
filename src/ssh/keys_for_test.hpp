// SPDX-License-Identifier: Apache-2.0
// For tests: public keys as ssh-keygen wrote them. Their private halves are gone.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "ssh/public_key.hpp"

namespace nigh::ssh {

inline const std::string kKeyA =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHBtBBmKKG06J2jLcxd8bb6QhrBmnAmbidbq1ox4zcMz";

inline const std::string kKeyB =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO25g+Pxwvxpiv12mYKjofhG8oZpq3uvs7XOSDiemCCU";

inline const std::string kEcdsaKey =
    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBNkEonQm1+qCnNAyFG"
    "c6MbO1cffmLjmRgkFoYDEAJzCcK1s1MXNEjsTskZmHdg/ZGre3TbmX7cyWM1fMwzX5ubk=";

// Signed both certificates below, which certify kKeyA and are valid from 2020 to 2040.
inline const std::string kAuthority =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIALHytGXv2iDjFRyRdYWVXZ+Jh/P/lIwveMZO0yy87MU";

// Principals alice and ops; every permit- extension.
inline const std::string kCertificate =
    "ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29tAAAAIJHeZ"
    "T6yan0WSL7MrPKec42aNhEGJ8lBF/qpxGt5zQl9AAAAIHBtBBmKKG06J2jLcxd8bb6QhrBmnAmbidbq1ox4zcMzAAA"
    "AAAAAAAAAAAABAAAAA2lkMQAAABAAAAAFYWxpY2UAAAADb3BzAAAAAF4L4QAAAAAAg6p+gAAAAAAAAACCAAAAFXBlc"
    "m1pdC1YMTEtZm9yd2FyZGluZwAAAAAAAAAXcGVybWl0LWFnZW50LWZvcndhcmRpbmcAAAAAAAAAFnBlcm1pdC1wb3J"
    "0LWZvcndhcmRpbmcAAAAAAAAACnBlcm1pdC1wdHkAAAAAAAAADnBlcm1pdC11c2VyLXJjAAAAAAAAAAAAAAAzAAAAC"
    "3NzaC1lZDI1NTE5AAAAIALHytGXv2iDjFRyRdYWVXZ+Jh/P/lIwveMZO0yy87MUAAAAUwAAAAtzc2gtZWQyNTUxOQA"
    "AAEBCl5TqlVGsFWkzsCDfdxTgivfHEYgYxEGIjGzQQpXMz2xGfV8MY1dZJVVRAEjl5iyd4DFQtO65wrkIGLNn/2wD";

// Principal alice; force-command uptime, source-address 10.0.0.0/8; permit-pty alone.
inline const std::string kRestrictedCertificate =
    "ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29tAAAAIGWJc"
    "2cKVrXl/cGeSNVJMZMo5TI5IYUU8NdsUa/bOkqZAAAAIHBtBBmKKG06J2jLcxd8bb6QhrBmnAmbidbq1ox4zcMzAAA"
    "AAAAAAAAAAAABAAAAA2lkMgAAAAkAAAAFYWxpY2UAAAAAXgvhAAAAAACDqn6AAAAAQwAAAA1mb3JjZS1jb21tYW5kA"
    "AAACgAAAAZ1cHRpbWUAAAAOc291cmNlLWFkZHJlc3MAAAAOAAAACjEwLjAuMC4wLzgAAAASAAAACnBlcm1pdC1wdHk"
    "AAAAAAAAAAAAAADMAAAALc3NoLWVkMjU1MTkAAAAgAsfK0Ze/aIOMVHJF1hZVdn4mH8/+UjC94xk7TLLzsxQAAABTA"
    "AAAC3NzaC1lZDI1NTE5AAAAQHV2nx6Pw0xvBog6BqHVsQ2WK4bfVomGpKckwuDJdh5tZkiU4cTsPhJJVQQ4n1VFA83"
    "Ez74SMnQ+IQYi2xU3eQI=";

inline PublicKey test_key(std::string_view line) { return unwrap(parse_public_key_line(line)); }

}  // namespace nigh::ssh
