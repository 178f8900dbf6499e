// The recipe's sections that every run has, field by field.
#include "recipe/recipe.h"

namespace luthier {

namespace {
constexpr OptionLevel kAdvanced = OptionLevel::advanced;
}

void ModelOptions::describe(OptionVisitor& v) {
  v.text({.key = "path", .label = "Model", .help = "A folder as Hugging Face publishes it.", .required = true}, path);
  v.boolean({.key = "from_config",
             .label = "From scratch",
             .help = "Take the architecture from config.json and draw the weights anew: for pre-training.",
             .level = kAdvanced},
            from_config);
  v.text({.key = "adapter",
          .label = "Adapter",
          .help = "A PEFT adapter's folder to start from: LoRA goes on training it, other methods merge it first.",
          .level = kAdvanced},
         adapter);
  v.text({.key = "tokenizer",
          .label = "Tokenizer",
          .help = "A folder or tokenizer.json to use instead of the model's own.",
          .level = kAdvanced},
         tokenizer);
  v.texts({.key = "add_tokens",
           .label = "New tokens",
           .help = "Words that shall be one token each; the embedding grows by as many rows.",
           .level = kAdvanced},
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
  v.choice({.key = "format", .label = "Format", .help = "What kind of file it is.", .level = kAdvanced},
           {"auto", "csv", "tsv", "json", "jsonl", "parquet", "text", "conll", "folder"}, format);
  v.choice(
      {.key = "encoding", .label = "Encoding", .help = "How the file's bytes stand for letters.", .level = kAdvanced},
      {"auto", "utf-8", "utf-16le", "utf-16be", "latin-1"}, encoding);
  v.text(
      {.key = "delimiter", .label = "Delimiter", .help = "The character between columns, or auto.", .level = kAdvanced},
      delimiter);
  v.text({.key = "quote", .label = "Quote", .help = "The character around fields, none, or auto.", .level = kAdvanced},
         quote);
  v.choice(
      {.key = "header", .label = "Header", .help = "Whether the first line names the columns.", .level = kAdvanced},
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
             .level = kAdvanced},
            stratify);
  v.integer({.key = "max_rows",
             .label = "Rows at most",
             .help = "Use only the first rows of each file, for a quick try; 0: all.",
             .unit = "rows",
             .min = 0,
             .max = 1e15,
             .level = kAdvanced},
            max_rows);
  v.number({.key = "longest_seconds",
            .label = "Longest recording",
            .help = "Longer recordings are cut. Memory and time grow with it.",
            .unit = "s",
            .min = 0.1,
            .max = 3600,
            .level = kAdvanced},
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
    return OptionInfo{.key = key, .label = label, .help = help, .min = 0, .max = 1, .level = kAdvanced};
  };
  v.number(strength("brightness", "Brightness", "How much brightness varies: 0.2 draws factors from 0.8 to 1.2."),
           brightness);
  v.number(strength("contrast", "Contrast", "How much contrast varies."), contrast);
  v.number(strength("saturation", "Saturation", "How much the strength of colours varies."), saturation);
  const auto alpha = [](const char* key, const char* label, const char* help) {
    return OptionInfo{.key = key, .label = label, .help = help, .min = 0, .max = 10, .level = kAdvanced};
  };
  v.number(alpha("mixup", "Mixup", "Blend pairs of images and their labels; 0.2 is usual, 0 is off."), mixup);
  v.number(alpha("cutmix", "CutMix", "Paste a part of another image, and as much of its label; 1 is usual, 0 is off."),
           cutmix);
}

void EarlyStoppingOptions::describe(OptionVisitor& v) {
  v.text({.key = "metric", .label = "Watch", .help = "The validation metric that has to improve."}, metric);
  v.integer({.key = "patience",
             .label = "Patience",
             .help = "Stop after so many evaluations in a row without improvement.",
             .unit = "evaluations",
             .min = 1,
             .max = 10000},
            patience);
  v.number({.key = "min_delta",
            .label = "Smallest improvement",
            .help = "A smaller one does not count.",
            .min = 0,
            .level = kAdvanced},
           min_delta);
}

void TrainingOptions::describe(OptionVisitor& v) {
  v.number({.key = "epochs", .label = "Epochs", .help = "How often every row is seen.", .min = 0, .max = 100000},
           epochs);
  v.integer({.key = "max_steps",
             .label = "Steps at most",
             .help = "Ends the run after so many steps; 0: by epochs.",
             .unit = "steps",
             .min = 0,
             .max = 1e15,
             .level = kAdvanced},
            max_steps);
  v.integer({.key = "batch_size",
             .label = "Batch size",
             .help = "Rows a forward pass. Halve it when memory runs out.",
             .unit = "rows",
             .min = 1,
             .max = 65536},
            batch_size);
  v.integer({.key = "gradient_accumulation",
             .label = "Accumulate",
             .help = "Batches whose gradients make one step: a larger effective batch in the same memory.",
             .unit = "batches",
             .min = 1,
             .max = 65536,
             .level = kAdvanced},
            gradient_accumulation);
  v.number({.key = "learning_rate",
            .label = "Learning rate",
            .help = "Size of the steps: about 2e-4 for LoRA and heads, 2e-5 to 5e-5 for full fine-tuning.",
            .min = 0,
            .max = 10},
           learning_rate);
  v.choice({.key = "schedule",
            .label = "Schedule",
            .help = "How the learning rate falls after the warm-up.",
            .level = kAdvanced},
           {"linear", "cosine", "constant"}, schedule);
  v.how_often({.key = "warmup",
               .label = "Warm-up",
               .help = "The learning rate rises from 0 for so long; as steps, epochs or a share of the run.",
               .level = kAdvanced},
              warmup);
  v.number({.key = "weight_decay",
            .label = "Weight decay",
            .help = "Pulls weights towards 0 (Loshchilov and Hutter 2019); not norms and biases.",
            .min = 0,
            .max = 10,
            .level = kAdvanced},
           weight_decay);
  v.number({.key = "adam_beta1",
            .label = "Adam beta 1",
            .help = "Memory of the gradient's mean.",
            .min = 0,
            .max = 0.9999999,
            .level = kAdvanced},
           adam_beta1);
  v.number({.key = "adam_beta2",
            .label = "Adam beta 2",
            .help = "Memory of the gradient's square.",
            .min = 0,
            .max = 0.9999999,
            .level = kAdvanced},
           adam_beta2);
  v.number({.key = "adam_epsilon",
            .label = "Adam epsilon",
            .help = "Keeps the division finite.",
            .min = 0,
            .max = 1,
            .level = kAdvanced},
           adam_epsilon);
  v.number({.key = "max_grad_norm",
            .label = "Clip gradients at",
            .help = "Longer gradients are shortened; 0: never.",
            .min = 0,
            .level = kAdvanced},
           max_grad_norm);
  v.number({.key = "label_smoothing",
            .label = "Label smoothing",
            .help = "Share of the target that is spread over all labels, against over-confidence.",
            .min = 0,
            .max = 0.9,
            .level = kAdvanced},
           label_smoothing);
  v.number({.key = "dropout",
            .label = "Dropout",
            .help = "Replaces the rates of the model's config; -1: as it says there.",
            .min = -1,
            .max = 0.95,
            .level = kAdvanced},
           dropout);
  v.choice({.key = "precision",
            .label = "Precision",
            .help = "Number type of the computation; auto: bf16 on a GPU that has it, else fp32.",
            .level = kAdvanced},
           {"auto", "fp32", "bf16", "fp16"}, precision);
  v.text({.key = "device", .label = "Device", .help = "auto, cpu, cuda or cuda:N.", .level = kAdvanced}, device);
  v.integer({.key = "threads",
             .label = "Threads",
             .help = "Processor threads to compute with; 0: one a core.",
             .min = 0,
             .max = 4096,
             .level = kAdvanced},
            threads);
  v.choice({.key = "batching",
            .label = "Batches",
            .help = "bucketed: rows of like length together, which wastes less; shuffled: purely at random.",
            .level = kAdvanced},
           {"bucketed", "shuffled"}, batching);
  v.text(
      {.key = "batches_file",
       .label = "Batches from a file",
       .help =
           "A JSON list of lists of row numbers (from 0), one list an optimizer step: trains on exactly these, in this "
           "order. For comparing with another program.",
       .level = kAdvanced},
      batches_file);
  v.how_often(
      {.key = "evaluate_every", .label = "Evaluate every", .help = "How often the validation part is measured."},
      evaluate_every);
  v.how_often({.key = "checkpoint_every",
               .label = "Save every",
               .help = "How often the state is saved for a resume.",
               .level = kAdvanced},
              checkpoint_every);
  v.integer({.key = "log_every",
             .label = "Log every",
             .help = "How often loss and speed are recorded.",
             .unit = "steps",
             .min = 1,
             .max = 1000000,
             .level = kAdvanced},
            log_every);
  v.options({.key = "early_stopping", .label = "Stop early", .help = "Ends the run when it no longer gets better."},
            early_stopping);
  v.boolean({.key = "keep_best",
             .label = "Keep the best",
             .help = "End with the weights of the best evaluation.",
             .level = kAdvanced},
            keep_best);
  v.boolean({.key = "evaluate_base",
             .label = "Measure the base model",
             .help = "Evaluate the untouched model first, so that the gain can be seen.",
             .level = kAdvanced},
            evaluate_base);
}

}  // namespace luthier
