using PromptPilot.Core.Liquid;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Messages;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Inputs;

namespace PromptPilot.Web.Features.Prompts.Editing;

/// <summary>
/// A prompt while it is edited: what was typed, and what follows from it. Change a property, then call <see cref="Refresh"/>.
/// </summary>
public sealed class PromptForm
{
    /// <summary>Longer texts cannot be saved, so nothing is looked for in them.</summary>
    private const int LongestTemplate = 512 * 1024;

    private readonly Dictionary<string, VariableRow> _rows = new(StringComparer.Ordinal);
    private List<string> _variables = [];
    private List<FieldError> _typing = [];
    private PromptDraft _found = new();
    private string _lookedFor = "";
    private Problem? _refusal;
    private bool _attempted;

    public PromptForm(Prompt? saved)
    {
        Saved = saved;
        if (saved is not null)
        {
            Take(PromptDraft.Of(saved));
        }

        Refresh();
    }

    /// <summary>The version the form started from; null for a new prompt.</summary>
    public Prompt? Saved { get; private set; }

    public string Name { get; set; } = "";

    public string Category { get; set; } = "";

    public IReadOnlyList<string> Tags { get; set; } = [];

    /// <summary>A part, which cannot be run by itself.</summary>
    public bool IsPart { get; set; }

    public string Content { get; set; } = "";

    public string SystemMessage { get; set; } = "";

    /// <summary>Empty: the prompt is one text.</summary>
    public List<MessageRow> Messages { get; private set; } = [];

    public string Message { get; set; } = "";

    public VersionChange Raise { get; set; }

    /// <summary>The variables of the text; the last good ones while it cannot be read.</summary>
    public IReadOnlyList<VariableRow> Rows => _variables.ConvertAll(RowOf);

    public PromptPreview Preview { get; private set; } = new([], [], null, null);

    /// <summary>The version that saving makes; null while there are errors.</summary>
    public VersionStep? Step { get; private set; }

    internal FieldErrors Errors { get; private set; } = FieldErrors.None;

    /// <summary>The problem of the last attempt, until the form changes.</summary>
    public Problem? Refusal => _refusal;

    /// <summary>Something was typed since the last <see cref="Refresh"/>.</summary>
    public bool IsPending { get; private set; }

    /// <summary>The content of the form, for comparison.</summary>
    public PromptState State => PromptState.Of(ToDraft(), _variables);

    public bool IsDirty =>
        IsPending
        || (
            Saved is null
                ? (Name + Content + SystemMessage + Category).Length > 0 || Messages.Count > 0
                : Step?.Change != VersionChange.None
        );

    public bool CanSave => Saved is null || IsDirty;

    /// <summary>Makes the text a list of messages.</summary>
    public void UseMessages()
    {
        Messages = [new MessageRow(MessageRole.User, Content)];
        if (!string.IsNullOrWhiteSpace(SystemMessage))
        {
            Messages.Insert(0, new MessageRow(MessageRole.System, SystemMessage));
        }
    }

    /// <summary>One text can say the same as these messages.</summary>
    public bool CanUseText =>
        Messages.Count(m => m.Role == MessageRole.User) == 1
        && Messages.Count(m => m.Role == MessageRole.System) == Messages.Count - 1
        && Messages.Count <= 2
        && Messages[^1].Role == MessageRole.User;

    /// <summary>Makes the messages one text again.</summary>
    public void UseText()
    {
        if (CanUseText)
        {
            Content = Messages[^1].Content;
            SystemMessage = Messages.Count == 2 ? Messages[0].Content : "";
            Messages = [];
        }
    }

    /// <summary>Pairs of question and answer before the last message of the user.</summary>
    public IReadOnlyList<(MessageRow User, MessageRow Assistant)> Examples
    {
        get
        {
            var last = Messages.FindLastIndex(m => m.Role == MessageRole.User);
            return
            [
                .. Messages
                    .Zip(Messages.Skip(1))
                    .Take(Math.Max(0, last - 1))
                    .Where(pair => pair.First.Role == MessageRole.User && pair.Second.Role == MessageRole.Assistant),
            ];
        }
    }

    /// <summary>Adds a pair of question and answer before the last message of the user, which asks the real question.</summary>
    public void AddExample(string input, string output)
    {
        if (Messages.Count == 0)
        {
            UseMessages();
        }

        var last = Messages.FindLastIndex(m => m.Role == MessageRole.User);
        Messages.InsertRange(
            last < 0 ? Messages.Count : last,
            [new MessageRow(MessageRole.User, input), new MessageRow(MessageRole.Assistant, output)]
        );
    }

    /// <summary>Errors of one message. A list that is stored as one text has them at that text's fields.</summary>
    public IReadOnlyList<FieldError> ErrorsOf(MessageRow row) => Errors.AllAt(FieldOf(row));

    /// <summary>Warnings about a text that probably means something else.</summary>
    public IReadOnlyList<FieldError> WarningsAt(string field) => [.. Preview.Warnings.Where(warning => warning.Field == field)];

    public string FieldOf(MessageRow row) =>
        !CanUseText ? $"messages[{Messages.IndexOf(row)}].content"
        : row.Role == MessageRole.System ? "systemMessage"
        : "content";

    /// <summary>The field of a variable's part, as errors name it.</summary>
    public string FieldOf(VariableRow row, string part) => $"variableDefinitions[{Defined().IndexOf(row)}].{part}";

    /// <summary>Derives everything again after a change.</summary>
    public void Refresh()
    {
        IsPending = false;
        _refusal = null;
        Derive();
    }

    /// <summary>Notes a change whose consequences are derived later, by <see cref="Refresh"/>.</summary>
    public void Touch() => (IsPending, Step) = (true, null);

    /// <summary>Records that saving was tried, so that missing values are shown too.</summary>
    /// <returns>Whether it is worth asking the service.</returns>
    public bool Attempt()
    {
        _attempted = true;
        Refresh();
        return _typing.Count == 0;
    }

    public void Refuse(Problem problem)
    {
        _refusal = problem;
        Derive();
    }

    /// <summary>Continues from what is saved now, keeping what was typed.</summary>
    public void RebaseOn(Prompt newer)
    {
        Saved = newer;
        Refresh();
    }

    /// <summary>Puts an older version's texts, definitions, category and tags into the form; saving then makes a new version.</summary>
    public void Restore(PromptVersion version)
    {
        TakeTexts(version.Content, version.SystemMessage, version.Messages);
        Category = version.Metadata.Category;
        Tags = version.Metadata.Tags;
        IsPart = version.Metadata.IsPart;
        TakeRows(version.VariableDefinitions);
        Message = $"Restore {version.Version}";
        Refresh();
    }

    /// <summary>Restores what a browser kept of an earlier visit; fields it does not know stay.</summary>
    /// <param name="fields">Values by the names in <c>data-draft</c>; those of variables are <c>var:NAME:PART</c>.</param>
    public void Restore(IReadOnlyDictionary<string, string> fields)
    {
        Name = fields.GetValueOrDefault("name", Name);
        Category = fields.GetValueOrDefault("category", Category);
        Tags = fields.TryGetValue("tags", out var tags) ? tags.Split('\n', StringSplitOptions.RemoveEmptyEntries) : Tags;
        Content = fields.GetValueOrDefault("content", Content);
        SystemMessage = fields.GetValueOrDefault("systemMessage", SystemMessage);
        TakeMessages(fields);
        Message = fields.GetValueOrDefault("message", Message);
        IsPart = fields.TryGetValue("isPart", out var isPart) ? isPart == "true" : IsPart;
        foreach (var (field, value) in fields)
        {
            if (field.Split(':') is ["var", var name, var part])
            {
                RowOf(name).Take(part, value);
            }
        }

        Refresh();
    }

    public PromptDraft ToDraft()
    {
        _typing = [];
        return _found with
        {
            Name = Name,
            IsPart = IsPart,
            Content = Messages.Count == 0 ? Content : "",
            SystemMessage = Messages.Count == 0 ? SystemMessage : null,
            Messages = [.. Messages.Select(row => row.ToMessage())],
            VariableDefinitions = [.. Defined().Select((row, i) => row.ToDefinition($"variableDefinitions[{i}]", _typing))],
            Category = Category,
            Tags = Tags,
            Message = Message,
            Raise = Raise,
        };
    }

    /// <summary>True if the texts include other prompts than those looked up, or one was not found.</summary>
    public bool LacksParts => Includes() != _lookedFor || (_lookedFor.Length > 0 && _found.PartErrors.Count > 0);

    /// <summary>Takes what the texts include.</summary>
    /// <param name="found">The draft, with its parts.</param>
    public void TakeParts(PromptDraft found)
    {
        (_found, _lookedFor) = (found, Includes());
        Refresh();
    }

    private string Includes() =>
        string.Join(
            '|',
            (Messages.Count == 0 ? [Content, SystemMessage] : Messages.Where(m => m.Role != MessageRole.Placeholder).Select(m => m.Content))
                .Where(text => text.Contains("include", StringComparison.Ordinal) && text.Length <= LongestTemplate)
                .SelectMany(text => LiquidTemplate.Parse(text).Includes)
                .Select(include => include.Key)
        );

    /// <summary>Not cancelled: it runs between two keystrokes, within the limits of the template language.</summary>
    private static PromptPreview PreviewOf(PromptDraft draft) => PromptPreview.Of(draft, null, CancellationToken.None);

    private void Derive()
    {
        var preview = PreviewOf(ToDraft());
        if (Messages.Count > 0 && preview.Errors.Any(e => e.Line is not null))
        {
            // One message has a mistake: its variables stay, those of the others may be new.
            _variables = [.. _variables.Union(preview.Variables)];
        }
        else if (preview.Variables.Count > 0 || preview.Errors.All(e => e.Line is null))
        {
            _variables = [.. preview.Variables];
        }

        // Definitions of the current variables.
        var draft = ToDraft();
        Preview = PreviewOf(draft);
        var live = Preview
            .Errors.Where(e =>
                _attempted || e.Line is not null || IsTooLong(e) || e.Field.StartsWith("variableDefinitions", StringComparison.Ordinal)
            )
            .Concat(_typing);
        Errors = new FieldErrors(Problem.Invalid(_refusal?.Message ?? "", [.. live.Concat(_refusal?.Errors ?? []).Distinct()]));
        Step =
            Preview.Errors.Any(e => e.Line is not null || IsTooLong(e)) || _typing.Count > 0 ? null
            : Saved is null ? PromptVersioning.OfNew
            : PromptVersioning.Decide(Saved, draft);
    }

    /// <summary>An error of a text as a whole, without a position: its length.</summary>
    private bool IsTooLong(FieldError error) =>
        Messages.Where((row, i) => error.Field == $"messages[{i}].content" && row.Content.Length > 0).Any()
        || (error.Field == "content" && Content.Length > 0)
        || (error.Field == "systemMessage" && SystemMessage.Length > 0);

    private void Take(PromptDraft draft)
    {
        Name = draft.Name;
        TakeTexts(draft.Content, draft.SystemMessage, draft.Messages ?? []);
        Category = draft.Category;
        Tags = draft.Tags;
        IsPart = draft.IsPart ?? false;
        TakeRows(draft.VariableDefinitions);
    }

    private void TakeTexts(string content, string? systemMessage, IReadOnlyList<PromptMessage> messages)
    {
        Messages = [.. messages.Select(m => new MessageRow(m.Role, m.Content))];
        Content = messages.Count == 0 ? content : "";
        SystemMessage = messages.Count == 0 ? systemMessage ?? "" : "";
    }

    /// <summary>The messages of a draft: fields <c>message:NUMBER:role</c> and <c>message:NUMBER:content</c>.</summary>
    private void TakeMessages(IReadOnlyDictionary<string, string> fields)
    {
        var messages = new List<MessageRow>();
        while (
            fields.TryGetValue($"message:{messages.Count}:role", out var word)
            && Enum.TryParse<MessageRole>(word, ignoreCase: true, out var role)
        )
        {
            messages.Add(new MessageRow(role, fields.GetValueOrDefault($"message:{messages.Count}:content", "")));
        }

        Messages = messages.Count > 0 || fields.ContainsKey("content") ? messages : Messages;
    }

    private void TakeRows(IEnumerable<VariableDefinition> definitions)
    {
        _rows.Clear();
        foreach (var definition in definitions)
        {
            _rows[definition.Name] = VariableRow.Of(definition);
        }
    }

    private VariableRow RowOf(string name)
    {
        if (!_rows.TryGetValue(name, out var row))
        {
            row = new VariableRow(name);
            _rows.Add(name, row);
        }

        return row;
    }

    private List<VariableRow> Defined() => [.. _rows.Values.Where(row => _variables.Contains(row.Name) && row.SaysSomething)];
}
