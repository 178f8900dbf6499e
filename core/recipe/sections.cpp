// The recipe's sections that every run has, field by field.
#include "recipe/recipe.h"

namespace luthier {

namespace {}

void ModelOptions::describe(OptionVisitor& v) {
  v.text({.key = "path", .label = "Model", .help = "A folder as Hugging Face publishes it.", .required = true}, path);
  v.boolean({.key = "from_config",
             .label = "From scratch",
             .help = "Take the architecture from config.json and draw the weights anew: for pre-training.",
             .level = OptionLevel::advanced},
            from_config);
  v.text({.key = "adapter",
          .label = "Adapter",
          .help = "A PEFT adapter's folder to start from: LoRA goes on training it, other methods merge it first.",
          .level = OptionLevel::advanced},
         adapter);
  v.text({.key = "tokenizer",
          .label = "Tokenizer",
          .help = "A folder or tokenizer.json to use instead of the model's own.",
          .level = OptionLevel::advanced},
         tokenizer);
  v.texts({.key = "add_tokens",
           .label = "New tokens",
           .help = "Words that shall be one token each; the embedding grows by as many rows.",
           .level = OptionLevel::advanced},
          add_tokens);
}

void DataOptions::describe(OptionVisitor& v) {
  v.text({.key = "train",
          .label = "Training file",
          .help = "CSV, TSV, JSON, JSON lines, Parquet or plain text; for images and recordings also a folder.",
          .required = true},
         train);
  v.text({.key = "validation", .label = "Validation file", .help = "Watched while training; decides when to stop."},
         validation);
  v.text({.key = "test", .label = "Test file", .help = "Never seen in training: the figures at the end come from it."},
         test);
  v.choice({.key = "format", .label = "Format", .help = "What kind of file it is.", .level = OptionLevel::advanced},
           {"auto", "csv", "tsv", "json", "jsonl", "parquet", "text", "conll", "folder"}, format);
  v.choice({.key = "encoding",
            .label = "Encoding",
            .help = "How the file's bytes stand for letters.",
            .level = OptionLevel::advanced},
           {"auto", "utf-8", "utf-16le", "utf-16be", "latin-1"}, encoding);
  v.text({.key = "delimiter",
          .label = "Delimiter",
          .help = "The character between columns, or auto.",
          .level = OptionLevel::advanced},
         delimiter);
  v.text({.key = "quote",
          .label = "Quote",
          .help = "The character around fields, none, or auto.",
          .level = OptionLevel::advanced},
         quote);
  v.choice({.key = "header",
            .label = "Header",
            .help = "Whether the first line names the columns.",
            .level = OptionLevel::advanced},
           {"auto", "yes", "no"}, header);
  v.texts_by_name({.key = "roles",
                   .label = "Columns",
                   .help = "What each column is to the objective: role to column name.",
                   .required = true},
                  roles);
  v.texts({.key = "labels",
           .label = "Labels",
           .help = "Names of the labels in the order of their numbers; empty: as found in the training file, sorted."},
          labels);
  v.integer({.key = "max_tokens",
             .label = "Longest row",
             .help = "Longer rows are cut. Longer limits need more memory and time.",
             .unit = "tokens",
             .min = 4,
             .max = 1048576},
            max_tokens);
  v.number({.key = "validation_share",
            .label = "Validation share",
            .help = "Share of the training file to split off where there is no validation file.",
            .min = 0,
            .max = 0.9},
           validation_share);
  v.number({.key = "test_share",
            .label = "Test share",
            .help = "Share of the training file to split off where there is no test file.",
            .min = 0,
            .max = 0.9},
           test_share);
  v.boolean({.key = "stratify",
             .label = "Keep label shares",
             .help = "Each part has the labels in the same proportions.",
             .level = OptionLevel::advanced},
            stratify);
  v.integer({.key = "max_rows",
             .label = "Rows at most",
             .help = "Use only the first rows of each file, for a quick try; 0: all.",
             .unit = "rows",
             .min = 0,
             .max = 1e15,
             .level = OptionLevel::advanced},
            max_rows);
  v.number({.key = "longest_seconds",
            .label = "Longest recording",
            .help = "Longer recordings are cut. Memory and time grow with it.",
            .unit = "s",
            .min = 0.1,
            .max = 3600,
            .level = OptionLevel::advanced},
           longest_seconds);
  v.options({.key = "augment",
             .label = "Vary images",
             .help = "Random changes to the training images, so that few of them teach more."},
            augment);
}

void AugmentOptions::describe(OptionVisitor& v) {
  v.boolean({.key = "flip",
             .label = "Mirror",
             .help = "Swap left and right in half of the images. Not for letters, digits or traffic signs."},
            flip);
  v.number({.key = "smallest_crop",
            .label = "Smallest crop",
            .help = "Take a random part of at least this share of the area; 1 takes the whole image.",
            .min = 0.05,
            .max = 1},
           smallest_crop);
  const auto strength = [](const char* key, const char* label, const char* help) {
    return OptionInfo{.key = key, .label = label, .help = help, .min = 0, .max = 1, .level = OptionLevel::advanced};
  };
  v.number(strength("brightness", "Brightness", "How much brightness varies: 0.2 draws factors from 0.8 to 1.2."),
           brightness);
  v.number(strength("contrast", "Contrast", "How much contrast varies."), contrast);
  v.number(strength("saturation", "Saturation", "How much the strength of colours varies."), saturation);
  const auto alpha = [](const char* key, const char* label, const char* help) {
    return OptionInfo{.key = key, .label = label, .help = help, .min = 0, .max = 10, .level = OptionLevel::advanced};
  };
  v.number(alpha("mixup", "Mixup", "Blend pairs of images and their labels; 0.2 is usual, 0 is off."), mixup);
  v.number(alpha("cutmix", "CutMix", "Paste a part of another image, and as much of its label; 1 is usual, 0 is off."),
           cutmix);
}

void AdaptationOptions::describe(OptionVisitor& v) {
  v.text(
      {.key = "train", .label = "Text file", .help = "Plain text of the field, as much as there is.", .required = true},
      train);
  v.texts_by_name({.key = "roles",
                   .label = "Columns",
                   .help = "The column that holds the text; plain text files have one named text.",
                   .level = OptionLevel::advanced},
                  roles);
  v.number({.key = "epochs", .label = "Epochs", .help = "How often every text is seen.", .min = 0, .max = 100000},
           epochs);
  v.integer({.key = "max_steps",
             .label = "Steps at most",
             .help = "Ends the stage after so many steps; 0: by epochs.",
             .unit = "steps",
             .min = 0,
             .max = 1e15,
             .level = OptionLevel::advanced},
            max_steps);
  v.integer(
      {.key = "batch_size", .label = "Batch size", .help = "Rows a step.", .unit = "rows", .min = 1, .max = 65536},
      batch_size);
  v.integer({.key = "max_tokens",
             .label = "Longest row",
             .help = "Longer texts are cut.",
             .unit = "tokens",
             .min = 4,
             .max = 1048576},
            max_tokens);
  v.number({.key = "learning_rate", .label = "Learning rate", .help = "Size of the steps.", .min = 0, .max = 10},
           learning_rate);
}

}  // namespace luthier
