// What people get wrong, from the command line to the trainer: each a clear error with what to do, exit code not 0, and
// nothing lost.
#include "base/error.h"
#include "store/store.h"
#include "support/tiny_task.h"

using namespace luthier;
using namespace luthier::testing;

class BadInputTest : public QObject {
  Q_OBJECT
  TemporaryFolder folder_;

  /// Writes the recipe and trains it; both outputs together.
  Output train(const Json& recipe) {
    static int number = 0;
    const fs::path file = folder_.path() / ("recipe-" + std::to_string(++number) + ".json");
    write_text(file, recipe.dump(1));
    return run_program({"env", "OMP_NUM_THREADS=1", "LUTHIER_HOME=" + (folder_.path() / "home").string(),
                        cli_path().string(), "train", file.string()});
  }

  void expect(const Json& recipe, const std::string& part, bool hinted = true) {
    const Output output = train(recipe);
    const std::string text = output.out + output.err;
    QVERIFY2(output.exit_code == 1 || output.exit_code == 2, text.c_str());
    QVERIFY2(text.find(part) != std::string::npos, text.c_str());
    if (hinted) QVERIFY2(text.find("do: ") != std::string::npos, text.c_str());
  }

  Json recipe() { return tiny_recipe(folder_.path()); }

 private Q_SLOTS:
  void initTestCase() { write_tiny_task(folder_.path(), 24); }

  void missingFilesAreNamedTogether() {
    Json json = recipe();
    json["data"]["train"] = "nowhere.csv";
    json["model"]["path"] = "no-model";
    expect(json, "nowhere.csv");
    expect(json, "no-model");
  }
  void aWrongFileIsNoTable() {
    write_text(folder_.path() / "picture.csv",
               std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16) + std::string(500, '\0'));
    Json json = recipe();
    json["data"]["train"] = (folder_.path() / "picture.csv").string();
    expect(json, "picture.csv");
  }
  void anUnknownFamily() {
    write_text(folder_.path() / "strange/config.json", R"({"model_type": "perceiver", "vocab_size": 31})");
    write_text(folder_.path() / "strange/vocab.txt", read_file(folder_.path() / "model/vocab.txt"));
    Json json = recipe();
    json["model"]["path"] = (folder_.path() / "strange").string();
    expect(json, "perceiver");
  }
  void remoteCode() {
    Json config = read_json(folder_.path() / "model/config.json");
    config["auto_map"] = {{"AutoModel", "modeling_x.Model"}};
    write_text(folder_.path() / "remote/config.json", config.dump());
    write_text(folder_.path() / "remote/vocab.txt", read_file(folder_.path() / "model/vocab.txt"));
    Json json = recipe();
    json["model"] = {{"path", (folder_.path() / "remote").string()}};
    expect(json, "code");
  }
  void weightsInFewBits() {
    fs::copy(folder_.path() / "model", folder_.path() / "bits");
    Json config = read_json(folder_.path() / "bits/config.json");
    config["quantization_config"] = {{"quant_method", "luthier"}, {"type", "int8"}, {"block", 64}, {"double", false}};
    write_text(folder_.path() / "bits/config.json", config.dump());
    Json json = recipe();
    json["model"] = {{"path", (folder_.path() / "bits").string()}};
    expect(json, "few bits");
    json["method"] = {{"kind", "qlora"}};
    expect(json, "few bits");
  }
  void aPickle() {
    fs::copy(folder_.path() / "model", folder_.path() / "pickled");
    write_text(folder_.path() / "pickled/pytorch_model.bin", "\x80\x02}q\0.");
    Json json = recipe();
    json["model"] = {{"path", (folder_.path() / "pickled").string()}};
    expect(json, "pytorch_model.bin");
  }
  void weightsOfOtherShapes() {
    fs::copy(fixture("full/bert-cls/base"), folder_.path() / "mixed");
    write_text(folder_.path() / "mixed/vocab.txt", read_file(folder_.path() / "model/vocab.txt"));
    Json config = read_json(folder_.path() / "mixed/config.json");
    config["hidden_size"] = config["hidden_size"].get<int>() * 2;
    write_text(folder_.path() / "mixed/config.json", config.dump());
    Json json = recipe();
    json["model"] = {{"path", (folder_.path() / "mixed").string()}};
    expect(json, "shape");
  }
  void labelsUnseenInTraining() {
    write_text(folder_.path() / "unseen.csv", "text,label\nthe apple,fruit\nthe car,vehicle\n");
    Json json = recipe();
    json["data"]["validation"] = (folder_.path() / "unseen.csv").string();
    expect(json, "vehicle");
  }
  void oneClassOnly() {
    write_text(folder_.path() / "one.csv", "text,label\nthe apple,fruit\na pear,fruit\nmy plum,fruit\n");
    Json json = recipe();
    json["data"]["train"] = (folder_.path() / "one.csv").string();
    json["data"].erase("validation");
    json["data"].erase("test");
    expect(json, "fruit");
  }
  void noRows() {
    write_text(folder_.path() / "empty.csv", "");
    write_text(folder_.path() / "header.csv", "text,label\n");
    Json json = recipe();
    json["data"]["train"] = (folder_.path() / "empty.csv").string();
    expect(json, "empty");
    json["data"]["train"] = (folder_.path() / "header.csv").string();
    expect(json, "header.csv");
  }
  void aColumnThatIsNotThere() {
    Json json = recipe();
    json["data"]["roles"]["text"] = "sentence";
    expect(json, "sentence");
  }
  void aRecipeOfANewerVersion() {
    Json json = recipe();
    json["luthier"] = 99;
    expect(json, "99");
  }
  void allMistakesOfARecipeAtOnce() {
    Json json = recipe();
    json["training"]["batch_sise"] = 4;
    json["training"]["learning_rate"] = "fast";
    json["method"]["kind"] = "magic";
    const Output output = train(json);
    const std::string text = output.out + output.err;
    QCOMPARE(output.exit_code, 2);
    for (const char* part : {"batch_sise", "batch_size", "learning_rate", "method.kind"})
      QVERIFY2(text.find(part) != std::string::npos, text.c_str());
  }
  void aReadOnlyFolderForTheExport() {
    Json json = recipe();
    json["training"]["max_steps"] = 1;
    json["export"] = {{{"format", "huggingface"}, {"path", "/proc/exported"}}};
    expect(json, "/proc");
  }
  void anOwnErrorIsMachineReadableToo() {
    const Output output = run_cli({"train", "no-such-recipe.json", "--json"});
    QCOMPARE(output.exit_code, 2);
    const Json error = parse_json(output.out, "stdout").at("error");
    QVERIFY(error.at("kind") == "not_found");
    QVERIFY(error.at("where").get<std::string>().find("no-such-recipe.json") != std::string::npos);
  }
};

QTEST_GUILESS_MAIN(BadInputTest)
#include "bad_input_test.moc"
