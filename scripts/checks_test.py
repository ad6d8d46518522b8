#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The checks of this folder find what they are for, and nothing else."""
import unittest

import check_layers
import check_style


def layer_rules(file, *includes):
    text = "".join(f"#include {name}\n" for name in includes)
    return [rule for _, rule in check_layers.offences(file, text)]


class Layers(unittest.TestCase):
    def test_a_folder_may_include_itself_and_what_lies_below(self):
        self.assertEqual(layer_rules("src/ssh/key.cpp", '"ssh/key.hpp"', '"base/error.hpp"',
                                     "<openssl/evp.h>", "<string>"), [])

    def test_a_folder_must_not_include_what_lies_above(self):
        self.assertEqual(layer_rules("src/base/text.cpp", '"wire/reader.hpp"'),
                         ["base must not include wire/reader.hpp"])

    def test_services_never_include_each_other(self):
        self.assertEqual(layer_rules("src/service/run/run.cpp", '"service/run/run.hpp"'), [])
        self.assertEqual(layer_rules("src/service/run/run.cpp", '"service/files/get.hpp"'),
                         ["service/run must not include service/files/get.hpp"])

    def test_sessions_stand_on_the_frames_of_run_and_not_the_reverse(self):
        self.assertEqual(layer_rules("src/service/session/a.cpp", '"service/run/frames.hpp"'), [])
        self.assertTrue(layer_rules("src/service/session/a.cpp", '"service/sync/frames.hpp"'))
        self.assertTrue(layer_rules("src/service/run/a.cpp", '"service/session/replay.hpp"'))

    def test_client_and_server_stand_side_by_side(self):
        self.assertEqual(layer_rules("src/client/connect.cpp", '"service/run/run.hpp"'), [])
        self.assertTrue(layer_rules("src/client/connect.cpp", '"server/link/link.hpp"'))
        self.assertTrue(layer_rules("src/server/front/front.cpp", '"client/connect.hpp"'))

    def test_the_keeper_sees_no_http(self):
        self.assertTrue(layer_rules("src/server/keeper/keeper.cpp", '"http2/session.hpp"'))
        self.assertEqual(layer_rules("src/server/keeper/keeper.cpp", '"server/link/link.hpp"'), [])

    def test_the_command_line_uses_the_public_api_only(self):
        self.assertEqual(layer_rules("src/cli/run.cpp", "<nigh/nigh.hpp>", '"cli/command.hpp"'), [])
        self.assertTrue(layer_rules("src/cli/run.cpp", '"client/connect.hpp"'))

    def test_public_headers_include_nothing_of_src(self):
        self.assertTrue(layer_rules("include/nigh/nigh.hpp", '"base/error.hpp"'))
        self.assertEqual(layer_rules("include/nigh/nigh.hpp", "<nigh/error.hpp>", "<string>"), [])

    def test_public_values_may_be_included_from_everywhere(self):
        self.assertEqual(layer_rules("src/base/error.hpp", "<nigh/error.hpp>"), [])
        self.assertTrue(layer_rules("src/base/error.hpp", "<nigh/nigh.hpp>"))

    def test_each_library_has_its_place(self):
        self.assertTrue(layer_rules("src/ssh/key.cpp", "<openssl/ssl.h>"))
        self.assertTrue(layer_rules("src/client/tls.cpp", "<openssl/evp.h>"))
        self.assertTrue(layer_rules("src/server/front/front.cpp", "<nghttp2/nghttp2.h>"))
        self.assertEqual(layer_rules("src/http2/session.cpp", "<nghttp2/nghttp2.h>"), [])

    def test_asio_stays_out_of_headers_but_for_io_and_async(self):
        asio = "<boost/asio.hpp>"
        for allowed in ("src/io/tls.hpp", "src/client/pump.cpp", "include/nigh/async.hpp"):
            self.assertEqual(layer_rules(allowed, asio), [], allowed)
        for refused in ("src/client/pump.hpp", "include/nigh/nigh.hpp"):
            self.assertTrue(layer_rules(refused, asio), refused)

    def test_a_folder_that_the_table_lacks_is_reported(self):
        self.assertTrue(layer_rules("src/misc/x.cpp"))


class Style(unittest.TestCase):
    HEAD = f"// {check_style.LICENCE}\n"

    def rules(self, file, text):
        return [line for line, _ in check_style.offences(file, text)]

    def test_the_licence_line_may_stand_below_an_interpreter_line(self):
        self.assertEqual(self.rules("src/a.cpp", self.HEAD), [])
        self.assertEqual(self.rules("a.sh", f"#!/bin/sh\n# {check_style.LICENCE}\n"), [])
        self.assertEqual(self.rules("src/a.cpp", "int a;\n"), [1])

    def test_unfinished_work_is_found_in_any_file(self):
        word = "TO" + "DO"
        self.assertEqual(self.rules("docs/a.md", f"x\n{word}: later\n"), [2])
        self.assertEqual(self.rules("src/a.cpp", self.HEAD + 'mkdtemp("nigh-XXXXXX");\n'), [])

    def test_only_tests_are_kept_from_sleeping(self):
        line = self.HEAD + "std::this_thread::sleep_for(1s);\n"
        self.assertEqual(self.rules("src/io/a_test.cpp", line), [2])
        self.assertEqual(self.rules("src/io/a.cpp", line), [])

    def test_a_file_of_more_than_800_lines_is_refused(self):
        self.assertEqual(self.rules("src/a.cpp", self.HEAD + "\n" * 799), [])
        self.assertEqual(self.rules("src/a.cpp", self.HEAD + "\n" * 800), [800])

    def test_functions_are_measured_with_their_braces(self):
        text = ("namespace n {\nclass A : public B {\n  A() : x_{1}, y_(2) {\n    if (x) {\n    }\n"
                "  }\n};\nint f(int a) const noexcept {\n  auto s = \"}\";\n  return a;\n}\n}\n")
        self.assertEqual(list(check_style.functions(text)), [(3, 4), (8, 4)])


if __name__ == "__main__":
    unittest.main()
