using System.Net;
using Ganss.Xss;
using Markdig;
using Markdig.Extensions.EmphasisExtras;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace PromptPilot.Web.Components.Markdown;

/// <summary>
/// Turns a model's Markdown into HTML that can do no harm: no raw HTML, no images (they become links), links only to http, https and
/// mailto, and a sanitizer with a closed list as the last step.
/// Headings become <c>h4</c> with a class for their size, so that an output cannot disturb the outline of the page around it.
/// </summary>
internal static class SafeMarkdown
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .DisableHtml()
        .UsePipeTables()
        .UseEmphasisExtras(EmphasisExtraOptions.Strikethrough)
        .UseAutoLinks()
        .Build();

    /// <summary>
    /// Parses blocks but not their contents. This takes linear time, while inlines can take quadratic time.
    /// </summary>
    private static readonly MarkdownPipeline BlockPipeline = CreateBlockPipeline();

    private static readonly HtmlSanitizer Sanitizer = CreateSanitizer();

    /// <summary>The blocks of a text. A table is part of the paragraph that it is written in.</summary>
    /// <exception cref="ArgumentException">The text nests too deep.</exception>
    public static MarkdownDocument ParseBlocks(string text) => Markdig.Markdown.Parse(text, BlockPipeline);

    /// <summary>The HTML of a piece of Markdown; as preformatted text when it cannot be parsed.</summary>
    public static string Render(string text)
    {
        try
        {
            var document = Markdig.Markdown.Parse(text, Pipeline);
            foreach (var image in document.Descendants<LinkInline>().Where(link => link.IsImage))
            {
                image.IsImage = false;
            }

            using var writer = new StringWriter();
            var renderer = new HtmlRenderer(writer);
            Pipeline.Setup(renderer);
            renderer.ObjectRenderers.Replace<HeadingRenderer>(new PlainHeadingRenderer());
            renderer.Render(document);
            return Sanitizer.Sanitize(writer.ToString());
        }
        catch (ArgumentException)
        {
            // Markdig refuses what nests deeper than 128 levels.
            return Plain(text);
        }
    }

    /// <summary>The text unchanged.</summary>
    public static string Plain(string text) => $"<pre>{WebUtility.HtmlEncode(text)}</pre>";

    private static MarkdownPipeline CreateBlockPipeline()
    {
        var builder = new MarkdownPipelineBuilder().DisableHtml();
        builder.InlineParsers.Clear();
        return builder.Build();
    }

    private static HtmlSanitizer CreateSanitizer()
    {
        var sanitizer = new HtmlSanitizer();
        Set(
            sanitizer.AllowedTags,
            "p",
            "br",
            "hr",
            "h4",
            "ul",
            "ol",
            "li",
            "strong",
            "em",
            "del",
            "code",
            "pre",
            "blockquote",
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "a"
        );
        Set(sanitizer.AllowedAttributes, "href", "title", "start", "class");
        Set(sanitizer.AllowedClasses, "md1", "md2", "md3");
        Set(sanitizer.AllowedSchemes, "http", "https", "mailto");
        sanitizer.AllowedCssProperties.Clear();
        sanitizer.AllowedAtRules.Clear();
        sanitizer.UriAttributes.Add("href");
        sanitizer.PostProcessNode += (_, e) =>
        {
            if (e.Node is not AngleSharp.Dom.IElement { LocalName: "a" } link)
            {
                return;
            }

            // A relative address would point into the portal itself.
            if (
                !Uri.TryCreate(link.GetAttribute("href"), UriKind.Absolute, out var address)
                || address.Scheme is not ("http" or "https" or "mailto")
            )
            {
                link.RemoveAttribute("href");
                return;
            }

            link.SetAttribute("rel", "noopener nofollow noreferrer");
            link.SetAttribute("target", "_blank");
        };
        return sanitizer;
    }

    private static void Set(ISet<string> set, params string[] values)
    {
        set.Clear();
        set.UnionWith(values);
    }

    private sealed class PlainHeadingRenderer : HtmlObjectRenderer<HeadingBlock>
    {
        protected override void Write(HtmlRenderer renderer, HeadingBlock heading)
        {
            renderer
                .Write("<h4 class=\"md")
                .Write(Math.Min(heading.Level, 3).ToString(System.Globalization.CultureInfo.InvariantCulture))
                .Write("\">");
            renderer.WriteLeafInline(heading);
            renderer.WriteLine("</h4>");
        }
    }
}
