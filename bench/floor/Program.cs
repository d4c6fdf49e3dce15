// The least that can do the chain: three streaming calls through Semantic Kernel behind one endpoint. Nobody may watch, and nothing is
// stored, unless --journal names a SQLite file.
// Arguments: --urls, --model (base URL of the model), --journal.
using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.Connectors.OpenAI;
using OpenAI;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1000, UseProxy = false });
var options = new OpenAIClientOptions
{
    Endpoint = new Uri(builder.Configuration["model"]!),
    RetryPolicy = new ClientRetryPolicy(0),
    Transport = new HttpClientPipelineTransport(http),
};
var kernel = Kernel.CreateBuilder().AddOpenAIChatCompletion("fake-1", new OpenAIClient(new ApiKeyCredential("none"), options)).Build();
var chat = kernel.GetRequiredService<IChatCompletionService>();
var settings = new OpenAIPromptExecutionSettings { Temperature = 0.2, MaxTokens = 1024 };
var call = KernelFunctionFactory.CreateFromMethod(
    (Kernel kernel, string prompt, CancellationToken cancellationToken) =>
    {
        var history = new ChatHistory();
        history.AddUserMessage(prompt);
        return chat.GetStreamingChatMessageContentsAsync(history, settings, kernel, cancellationToken);
    },
    "call"
);

string[] prompts =
[
    "Summarize these notes in five sentences.\n\n",
    "List the actions in this summary, one a line.\n\n",
    "Write a short e-mail to the team with these actions.\n\n",
];

using var journal = builder.Configuration["journal"] is { } file ? new FloorJournal(file) : null;
var app = builder.Build();
app.MapGet("/health/ready", () => "ok");
app.MapPost(
    "/run",
    async (ChainRequest request, CancellationToken cancellationToken) =>
    {
        var text = request.Notes;
        await (journal?.AppendAsync(text) ?? Task.CompletedTask);
        foreach (var prompt in prompts)
        {
            var answer = new StringBuilder();
            await foreach (
                var piece in kernel.InvokeStreamingAsync<StreamingChatMessageContent>(
                    call,
                    new KernelArguments { ["prompt"] = prompt + text },
                    cancellationToken
                )
            )
                answer.Append(piece.Content);
            text = answer.ToString();
            await (journal?.AppendAsync(text) ?? Task.CompletedTask);
        }

        return Results.Ok(new { text });
    }
);
app.Run();

internal sealed record ChainRequest(string Notes);
