/* download_sets.c: the published data sets: files, sizes, sums and where they are kept.
 * Sums of the MNIST and Fashion-MNIST files were computed from files whose MD5 is the one
 * their authors published; that of CIFAR-10 is the one other loaders pin. */
#include "nn/download.h"

static const struct nn_download_set sets[] = {
    {.name = "mnist",
     .n_files = 4,
     .file = {{"train-images-idx3-ubyte.gz",
               "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
               9912422,
               {"train-images-idx3-ubyte", "train-images.idx3-ubyte"},
               "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"},
              {"train-labels-idx1-ubyte.gz",
               "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
               28881,
               {"train-labels-idx1-ubyte", "train-labels.idx1-ubyte"},
               "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"},
              {"t10k-images-idx3-ubyte.gz",
               "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
               1648877,
               {"t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte"},
               "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"},
              {"t10k-labels-idx1-ubyte.gz",
               "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
               4542,
               {"t10k-labels-idx1-ubyte", "t10k-labels.idx1-ubyte"},
               "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"}},
     .mirror = {"https://ossci-datasets.s3.amazonaws.com/mnist/",
                "https://storage.googleapis.com/cvdf-datasets/mnist/"}},
    {.name = "fashion-mnist",
     .n_files = 4,
     .file = {{"train-images-idx3-ubyte.gz",
               "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
               26421880,
               {"train-images-idx3-ubyte", "train-images.idx3-ubyte"},
               "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"},
              {"train-labels-idx1-ubyte.gz",
               "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
               29515,
               {"train-labels-idx1-ubyte", "train-labels.idx1-ubyte"},
               "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"},
              {"t10k-images-idx3-ubyte.gz",
               "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
               4422102,
               {"t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte"},
               "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"},
              {"t10k-labels-idx1-ubyte.gz",
               "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
               5148,
               {"t10k-labels-idx1-ubyte", "t10k-labels.idx1-ubyte"},
               "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"}},
     .mirror =
         {"https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
          "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
          "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/"
          "fashion/"}},
    {.name = "cifar-10",
     .n_files = 1,
     .file = {{"cifar-10-binary.tar.gz",
               "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
               170052171,
               {"cifar-10-batches-bin", "data_batch_1.bin"},
               NULL}},
     .mirror = {"https://www.cs.toronto.edu/~kriz/",
                "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/"}},
};

const struct nn_download_set *nn_download_set(const char *name) {
    for (size_t i = 0; i < ARRAY_LEN(sets); i++)
        if (strcmp(sets[i].name, name) == 0)
            return &sets[i];
    return NULL;
}
