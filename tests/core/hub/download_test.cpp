// Downloads from a server in this process that speaks the hub's API: well, badly, and with bad intentions.
#include "hub/download.h"
#include "base/error.h"
#include "hub/api.h"
#include "hub/cache.h"
#include "hub/choice.h"
#include "support/hub_server.h"

using namespace luthier;
using namespace luthier::testing;

class DownloadTest : public QObject {
  Q_OBJECT

  std::unique_ptr<Hub> hub_;
  std::unique_ptr<TemporaryFolder> cache_;
  HubSettings settings_;
  const ModelName name_ = {"org/tiny", "main"};

  fs::path repository() const { return cache_->path() / "models--org--tiny"; }
  fs::path incomplete() const {
    for (const auto& entry : fs::directory_iterator(repository() / "blobs"))
      if (entry.path().extension() == ".incomplete") return entry.path();
    return {};
  }

 private Q_SLOTS:
  void init() {
    cache_ = std::make_unique<TemporaryFolder>();
    hub_ = std::make_unique<Hub>(std::map<std::string, std::string>{{"config.json", kConfig},
                                                                    {"vocab.txt", "[PAD]\n[UNK]\n"},
                                                                    {"README.md", "# tiny"},
                                                                    {"onnx/model.onnx", "onnx"},
                                                                    {"tf_model.h5", "tf"},
                                                                    {"pytorch_model.bin", "older"}});
    settings_ = {};
    settings_.cache = cache_->path();
    settings_.endpoint = hub_->endpoint();
    settings_.retry_pause_seconds = 0.01;
  }

  void layoutIsThatOfTheHubsOwnTools() {
    std::uint64_t told = 0, total = 0;
    const HubDownload model = download_model(settings_, name_, [&](const HubProgress& progress) {
      told = progress.bytes;
      total = progress.total_bytes;
      return true;
    });
    QCOMPARE(model.files, 4u);  // no other framework, no second form of the weights
    QCOMPARE(model.folder, repository() / "snapshots" / kCommit);
    QCOMPARE(read_file(model.folder / "config.json"), kConfig);
    QCOMPARE(read_file(model.folder / "model.safetensors"), hub_->weights());
    QVERIFY(fs::is_symlink(model.folder / "config.json"));
    QCOMPARE(fs::read_symlink(model.folder / "config.json").string(), "../../blobs/" + sum_of(kConfig, false));
    QCOMPARE(fs::read_symlink(model.folder / "model.safetensors").string(),
             "../../blobs/" + sum_of(hub_->weights(), true));
    QCOMPARE(read_file(repository() / "refs/main"), kCommit);
    QVERIFY(!fs::exists(model.folder / "pytorch_model.bin") && !fs::exists(model.folder / "onnx"));
    QCOMPARE(told, total);
    QCOMPARE(model.bytes, total);
    QCOMPARE(model.fetched_bytes, total);
    const auto cached = cached_models(settings_);
    QCOMPARE(cached.size(), 1u);
    QCOMPARE(cached[0].id, std::string("org/tiny"));
    QCOMPARE(cached[0].revisions, std::vector<std::string>{"main"});
    QVERIFY(cached[0].is_complete);
  }

  void fetchesNothingTwice() {
    download_model(settings_, name_);
    const int before = hub_->requests;
    QCOMPARE(download_model(settings_, name_).fetched_bytes, 0u);
    QCOMPARE(hub_->requests, before);
    download_model(settings_, {"org/tiny", "v1"});
    QCOMPARE(hub_->requests, before);
    QCOMPARE(find_cached(settings_, {"org/tiny", "v1"})->commit, kCommit);
  }

  void goesOnWhereATransferWasCutOff() {
    hub_->cut_offs = 2;
    const HubDownload model = download_model(settings_, name_);
    QCOMPARE(read_file(model.folder / "model.safetensors"), hub_->weights());
    QVERIFY2(hub_->ranges.find("[][bytes=") == 0, hub_->ranges.c_str());
    QVERIFY(incomplete().empty());
  }

  void goesOnAfterAStop() {
    bool stopped = false;
    LUTHIER_FAILS(download_model(settings_, name_,
                                 [&](const HubProgress& progress) {
                                   stopped = progress.file == "model.safetensors" && progress.bytes > 100'000;
                                   return !stopped;
                                 }),
                  "stopped");
    QVERIFY(stopped);
    const std::uint64_t there = fs::file_size(incomplete());
    QVERIFY(there > 90'000 && there < hub_->weights().size());
    QVERIFY(!cached_models(settings_)[0].is_complete);
    const HubDownload model = download_model(settings_, name_);
    QCOMPARE(model.fetched_bytes, hub_->weights().size() - there);
    QCOMPARE(read_file(model.folder / "model.safetensors"), hub_->weights());
  }

  void startsAgainWhereTheServerKnowsNoRanges() {
    hub_->cut_offs = 1;
    hub_->ignores_ranges = true;
    const HubDownload model = download_model(settings_, name_);
    QCOMPARE(read_file(model.folder / "model.safetensors"), hub_->weights());
  }

  void throwsAwayAFileWithAnotherChecksum() {
    hub_->lies = true;
    LUTHIER_FAILS(download_model(settings_, name_), "differs from its checksum");
    QVERIFY(incomplete().empty());
    QVERIFY(!fs::exists(repository() / "snapshots" / kCommit / "model.safetensors"));
    QVERIFY(!fs::exists(repository() / "refs/main"));
    hub_->lies = false;
    QCOMPARE(read_file(download_model(settings_, name_).folder / "model.safetensors"), hub_->weights());
  }

  void throwsAwayAWrongBeginning() {
    fs::create_directories(repository() / "blobs");
    write_text(repository() / "blobs" / (sum_of(hub_->weights(), true) + ".incomplete"), std::string(1000, 'x'));
    LUTHIER_FAILS(download_model(settings_, name_), "differs from its checksum");
    QCOMPARE(read_file(download_model(settings_, name_).folder / "model.safetensors"), hub_->weights());
  }

  void asksForChecksumsThatTheListLacks() {
    hub_->says_no_checksums = true;
    const HubDownload model = download_model(settings_, name_);
    QCOMPARE(read_file(model.folder / "model.safetensors"), hub_->weights());
    QCOMPARE(fs::read_symlink(model.folder / "config.json").string(), "../../blobs/" + sum_of(kConfig, false));
  }

  void triesAgainAfterAPassingError() {
    hub_->errors = 3;
    QCOMPARE(read_file(download_model(settings_, name_).folder / "model.safetensors"), hub_->weights());
    hub_->errors = 1000;
    fs::remove_all(cache_->path());
    LUTHIER_FAILS(download_model(settings_, name_), "HTTP 500");
    QVERIFY(fs::file_size(incomplete()) == 0);  // the error page is not in the file
  }

  void givesTheTokenToTheHubAlone() {
    hub_->wanted_token = settings_.token = "hf_secret";
    download_model(settings_, name_);
    QVERIFY(hub_->saw_token);
    QVERIFY(!hub_->store_saw_token);
  }

  void saysWhatIsWrong_data() {
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("code");
    QTest::addColumn<QString>("reason");
    QTest::newRow("gated") << 403 << "GatedRepo" << "agreed to its terms";
    QTest::newRow("gated, no token") << 401 << "GatedRepo" << "HF_TOKEN";
    QTest::newRow("unauthorised") << 401 << "" << "only for those who are logged in";
    QTest::newRow("absent") << 404 << "RepoNotFound" << "no such model";
    QTest::newRow("too many") << 429 << "" << "too many requests";
    QTest::newRow("broken") << 500 << "" << "HTTP 500";
  }
  void saysWhatIsWrong() {
    QFETCH(int, status);
    QFETCH(QString, code);
    QFETCH(QString, reason);
    hub_->info_status = status;
    hub_->error_code = code.toStdString();
    LUTHIER_FAILS(download_model(settings_, name_), reason.toStdString());
    QVERIFY(!fs::exists(repository()));
  }

  void saysWhatIsWrongWithNamesAndTokens() {
    LUTHIER_FAILS(download_model(settings_, {"org/tiny", "gone"}), "no such revision");
    hub_->wanted_token = "good";
    settings_.token = "bad";
    LUTHIER_FAILS(download_model(settings_, name_), "does not accept the token");
    settings_.endpoint = "http://127.0.0.1:9";
    LUTHIER_FAILS(download_model(settings_, name_), "cannot be reached");
  }

  void refusesNamesThatLeadElsewhere() {
    for (const char* bad : {"../x", "/etc/passwd", "a/../../x", "a\\..\\b", "a//b", "./a", "C:x", "a\nb", ""}) {
      hub_->extra_file = bad;
      if (*bad) LUTHIER_FAILS(download_model(settings_, name_), "leads elsewhere");
      QVERIFY2(!is_safe_path(bad), bad);
    }
    QVERIFY(!fs::exists(repository()));
    for (const char* bad : {"", "../x", "org/../x", "a/b/c", "org/", "/x", "org/na me", "a--b/c", ".org/x", "org/x@",
                            "org/x@../y", "org/x@/y", "-rf"})
      LUTHIER_FAILS(parse_model_name(bad), "no name of a model");
    QCOMPARE(parse_model_name("org/name-1.5_x@refs/pr/1").revision, std::string("refs/pr/1"));
    QCOMPARE(parse_model_name("gpt2").id, std::string("gpt2"));
  }

  void worksOfflineWithWhatIsThere() {
    settings_.offline = true;
    LUTHIER_FAILS(download_model(settings_, name_), "not in the cache");
    settings_.offline = false;
    const HubDownload fetched = download_model(settings_, name_);
    settings_.offline = true;
    hub_.reset();
    QCOMPARE(download_model(settings_, name_).folder, fetched.folder);
    QCOMPARE(download_model(settings_, {"org/tiny", kCommit}).folder, fetched.folder);
    LUTHIER_FAILS(search_models(settings_, {"tiny"}), "HF_HUB_OFFLINE");
    fs::remove(fs::canonical(fetched.folder / "model.safetensors"));
    LUTHIER_FAILS(download_model(settings_, name_), "only in part");
  }

  void searches() {
    hub_->search_reply = R"([{"id": "org/tiny", "downloads": 7, "likes": 2, "pipeline_tag": "fill-mask",
                              "library_name": "transformers", "gated": false},
                             {"modelId": "org/other", "gated": "auto"}, {"x": 1}, 3])";
    const auto found = search_models(settings_, {"tiny bert&x", "transformers", "fill-mask", 5});
    QCOMPARE(found.size(), 2u);
    QCOMPARE(found[0].downloads, 7);
    QCOMPARE(found[0].task, std::string("fill-mask"));
    QVERIFY(!found[0].gated && found[1].gated);
    QCOMPARE(hub_->last_search, std::string("/api/models?search=tiny%20bert%26x&limit=5&sort=downloads&direction=-1"
                                            "&filter=transformers&pipeline_tag=fill-mask"));
    for (const char* bad : {"{}", "no JSON", "", "[[[["}) {
      hub_->search_reply = bad;
      LUTHIER_FAILS(search_models(settings_, {"tiny"}), "no Hugging Face hub");
    }
  }

  void choosesAnIndexWithItsParts() {
    HubModel model{"org/large", kCommit, {}};
    for (const char* path :
         {"config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
          "model.safetensors.index.json", "pytorch_model.bin", "model.fp16.safetensors", "tokenizer.json",
          "original/model.safetensors", "training_args.bin", "tokenizer.model", "chat_template.jinja", "x.gguf"})
      model.files.push_back({path, 1, kCommit, false});
    std::string chosen;
    for (const HubFile& file : needed_files(model)) chosen += file.path + " ";
    QCOMPARE(chosen, std::string("config.json model-00001-of-00002.safetensors model-00002-of-00002.safetensors "
                                 "model.safetensors.index.json tokenizer.json tokenizer.model chat_template.jinja "));
    model.files.erase(model.files.begin());
    LUTHIER_FAILS(needed_files(model), "neither config.json");
    model.files = {{"config.json", 1, kCommit, false}, {"flax_model.msgpack", 1, kCommit, false}};
    LUTHIER_FAILS(needed_files(model), "no weights that Luthier reads");
  }

  void refusesASecondDownloadOfTheSameFile() {
    fs::create_directories(cache_->path() / ".locks/models--org--tiny");
    const auto lock =
        FileLock::try_take(cache_->path() / ".locks/models--org--tiny" / (sum_of(hub_->weights(), true) + ".lock"));
    LUTHIER_FAILS(download_model(settings_, name_), "another program");
  }

  void readsTheEnvironment() {
    for (const char* name : {"HF_HOME", "HF_HUB_CACHE", "HF_ENDPOINT", "HF_TOKEN", "HF_TOKEN_PATH", "HF_HUB_OFFLINE"})
      qunsetenv(name);
    qputenv("XDG_CACHE_HOME", "/nowhere");
    QCOMPARE(HubSettings::from_environment().cache, fs::path("/nowhere/huggingface/hub"));
    qputenv("HF_HOME", cache_->path().c_str());
    write_text(cache_->path() / "token", "hf_file\n");
    QCOMPARE(HubSettings::from_environment().cache, cache_->path() / "hub");
    QCOMPARE(HubSettings::from_environment().token, std::string("hf_file"));
    qputenv("HF_TOKEN", " hf_env ");
    QCOMPARE(HubSettings::from_environment().token, std::string("hf_env"));
    qputenv("HF_TOKEN", "a\r\nX-Evil: 1");
    LUTHIER_FAILS(HubSettings::from_environment(), "characters that no token has");
    qputenv("HF_TOKEN", "");
    qputenv("HF_HUB_CACHE", "/elsewhere");
    qputenv("HF_HUB_OFFLINE", "True");
    qputenv("HF_ENDPOINT", "http://mirror/");
    const HubSettings settings = HubSettings::from_environment();
    QCOMPARE(settings.cache, fs::path("/elsewhere"));
    QCOMPARE(settings.endpoint, std::string("http://mirror"));
    QVERIFY(settings.offline);
    qputenv("HF_ENDPOINT", "file:///etc");
    LUTHIER_FAILS(HubSettings::from_environment(), "is no address");
  }
};

QTEST_GUILESS_MAIN(DownloadTest)
#include "download_test.moc"
