// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "server/front/visitor_for_test.hpp"
#include "service/run/frames.hpp"

namespace nigh::server {
namespace {

using namespace for_test;
using Json = nlohmann::json;

http2::Fields connect(const std::string& protocol, const std::string& path) {
  return {{":method", "CONNECT"},
          {":protocol", protocol},
          {":scheme", "https"},
          {":authority", "h"},
          {":path", path}};
}

struct Row {
  http2::Fields fields;
  const char* status;
};
const Row kRows[] = {
    {request("GET", "/v1/"), "200"},
    {request("GET", "/v1/?pretty"), "200"},
    {request("GET", "/v1/?a=/v1/run"), "200"},
    {request("GET", "/"), "404"},
    {request("GET", "/v1"), "404"},
    {request("GET", "/v1//"), "404"},
    {request("GET", "/v2/"), "404"},
    {request("GET", "/v1/run/"), "404"},
    {request("GET", "/v1/tokens/"), "404"},
    {request("DELETE", "/v1/tokens/a/b"), "404"},
    {request("GET", "/%76%31/"), "404"},
    {request("GET", "/v1/../v1/"), "404"},
    {request("GET", "/V1/"), "404"},
    {request("POST", "/v1/"), "405"},
    {request("HEAD", "/v1/"), "405"},
    {request("get", "/v1/"), "405"},
    {request("GET", "/v1/run"), "405"},
    {request("PUT", "/v1/run"), "405"},
    {request("GET", "/v1/tokens"), "405"},
    {request("GET", "/v1/tokens/a"), "405"},
    {request("PUT", "/v1/sessions"), "405"},
    {request("DELETE", "/v1/sessions"), "405"},
    {request("PUT", "/v1/sessions/x"), "405"},
    {request("GET", "/v1/sessions/"), "404"},
    {request("GET", "/v1/sessions/x/y"), "404"},
    {connect("nigh-session", "/v1/sessions/x/y"), "404"},
    {connect("nigh-file", "/v1/sessions/x"), "405"},
    {request("POST", "/v1/sessions"), "405"},
    {connect("websocket", "/v1/sessions"), "405"},
    {connect("nigh-session", "/v1/run"), "405"},
    {connect("nigh-session", "/v1/other"), "404"},
    {request("GET", "/v1/files"), "404"},
    {request("GET", "/v1/filesystem"), "404"},
    {request("GET", "/v1/tree"), "404"},
    {request("GET", "/v1/sync/x"), "404"},
    {request("POST", "/v1/files/x"), "405"},
    {request("PATCH", "/v1/files/x"), "405"},
    {request("PUT", "/v1/tree/x"), "405"},
    {request("GET", "/v1/sync"), "405"},
    {connect("nigh-sync", "/v1/files/x"), "405"},
    {connect("nigh-file", "/v1/sync"), "405"},
    {connect("nigh-file", "/v1/tree/x"), "405"},
};

TEST(RoutesTest, MethodProtocolAndPathHaveToFit) {
  Visitor visitor;
  visitor.log_in();
  for (const auto& [fields, status] : kRows) {
    auto id = visitor.send(fields);
    const auto& answer = visitor.answer(id);
    EXPECT_EQ(answer.field(":status"), status)
        << *http2::find(fields, ":method") << " " << *http2::find(fields, ":path");
    if (answer.field(":status") == "200") continue;
    EXPECT_EQ(answer.field("content-type"), "application/problem+json");
    if (*http2::find(fields, ":method") == "HEAD") {
      EXPECT_EQ(answer.body, "");
      EXPECT_TRUE(answer.ended);
      continue;
    }
    auto problem = Json::parse(answer.body);
    EXPECT_EQ(problem["status"], std::stoi(status));
    EXPECT_EQ(problem["type"], *status == '4' && status[2] == '4'
                                   ? "urn:nigh:problem:not-found"
                                   : "urn:nigh:problem:method-not-allowed");
  }
}

TEST(RoutesTest, RequestsAboutFilesGoToAProcessWhateverTheirPathIs) {
  std::vector<http2::Fields> all{request("GET", "/v1/tree/"), request("GET", "/v1/tree/a//b/?x"),
                                 connect("nigh-sync", "/v1/sync"),
                                 connect("nigh-sync", "/v1/sync?x"),
                                 connect("nigh-file", "/v1/files/a?mode=read")};
  for (const auto* method : {"GET", "HEAD", "PUT", "DELETE", "MKCOL", "MOVE"})
    for (const auto* path : {"/v1/files/", "/v1/files/etc/hosts", "/v1/files/~/%ff/../x?a=/b"})
      all.push_back(request(method, path));
  Visitor visitor;
  visitor.log_in();
  visitor.start_worker();
  for (const auto& fields : all) {
    visitor.send(fields);
    EXPECT_EQ(visitor.asked_of_worker<StartFiles>().grant, "grant");
  }
}

TEST(RoutesTest, AQueryAboutASessionIsUnderstoodOrRefused) {
  Visitor visitor;
  visitor.log_in();
  for (const auto& fields :
       {request("GET", "/v1/sessions/x?wait=2"), request("GET", "/v1/sessions/x?wait=1&a=b"),
        request("DELETE", "/v1/sessions/x?wait=1"), request("DELETE", "/v1/sessions/x?signal="),
        request("DELETE", "/v1/sessions/x?signal=NOSUCH")})
    EXPECT_EQ(visitor.status(fields), "400") << *http2::find(fields, ":path");
}

TEST(RoutesTest, AProblemQuotesPathsBrieflyAndSafely) {
  Visitor visitor;
  visitor.log_in();
  auto id = visitor.send(request("GET", "/" + std::string(5000, 'a') + "\xff"));
  EXPECT_LT(visitor.answer(id).body.size(), 400u);
  id = visitor.send(request("GET", "/\xff\xfe"));
  EXPECT_EQ(Json::parse(visitor.answer(id).body)["detail"], "there is no resource /\\xff\\xfe");
}

TEST(InfoTest, SaysWhatTheServerIsAndWhoWeAre) {
  Visitor visitor;
  visitor.log_in();
  const auto& answer = visitor.answer(visitor.send(request("GET", "/v1/")));
  EXPECT_EQ(answer.field("content-type"), "application/json");
  EXPECT_EQ(answer.field("cache-control"), "no-store");
  EXPECT_EQ(answer.field("content-length"), std::to_string(answer.body.size()));
  auto info = Json::parse(answer.body);
  EXPECT_EQ(info["name"], "nigh");
  EXPECT_NE(info["version"], "");
  EXPECT_EQ(info["user"], "alice");
  EXPECT_EQ(info["key"], "SHA256:x");
  EXPECT_EQ(info["tls"]["cipher"], "TLS_AES_128_GCM_SHA256");
  EXPECT_EQ(info["limits"]["spec_bytes"], run::kMaxSpec);
}

}  // namespace
}  // namespace nigh::server
