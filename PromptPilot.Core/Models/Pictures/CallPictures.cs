using System.Buffers.Text;
using System.Globalization;
using PromptPilot.Core.Files;
using PromptPilot.Core.Models.Known;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Models.Pictures;

/// <summary>Reads the pictures of a call, and refuses what its provider does not take before anything is sent.</summary>
public sealed class CallPictures(FileStore files)
{
    private const double Megabyte = 1 << 20;

    /// <summary>The pictures without metadata; none for a built-in model, which reads their marks.</summary>
    /// <returns>Or a problem that names the picture: it is no longer stored, damaged or too large, or the model reads only texts.</returns>
    internal async Task<Result<SentPicture[]>> ReadAsync(ModelProfile profile, ModelRequest request, CancellationToken cancellationToken)
    {
        var provider = Providers.Of(profile.Provider);
        var pictures = request.UsedPictures.ToList();
        if (pictures.Count == 0 || provider.IsBuiltIn)
        {
            return Array.Empty<SentPicture>();
        }

        if (ModelAbilities.PictureRefusal(profile) is { } refusal)
        {
            return Problem.Invalid(refusal);
        }

        if (provider.Pictures.CountFor(profile) is { } most && pictures.Count > most)
        {
            return Problem.Invalid(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"This call has {pictures.Count:N0} pictures. {provider.Title} accepts {most:N0} per call with this model. Send fewer."
                )
            );
        }

        var sent = new List<SentPicture>();
        var total = 0L;
        foreach (var picture in pictures)
        {
            var read = await ReadAsync(picture, provider, pictures.Count, cancellationToken);
            if (!read.IsOk)
            {
                return read.Problem;
            }

            total += Encoded(read.Value.Content.Length);
            if (total > provider.Pictures.MaxTotalBytes)
            {
                return Problem.Invalid(
                    $"The pictures of this call are too large for {provider.Title}, which "
                        + $"accepts {SizeOf(provider.Pictures.MaxTotalBytes)} per call. Send fewer or smaller ones."
                );
            }

            sent.Add(read.Value);
        }

        return sent.ToArray();
    }

    private async Task<Result<SentPicture>> ReadAsync(
        CallPicture picture,
        ProviderDescriptor provider,
        int count,
        CancellationToken cancellationToken
    )
    {
        var (name, rule) = (picture.File.Name, provider.Pictures);
        if (await files.ReadAsync(picture.File.File, cancellationToken) is not { } content)
        {
            return Problem.Invalid($"The file “{name}” is no longer stored. Send it again.");
        }

        // The reference is what the caller sent; the type is what the content says.
        var seen = FileContent.Of(content);
        if (seen.MediaType is not { } type || PictureMetadata.Remove(content, type) is not { } clean)
        {
            return Problem.Invalid($"The picture “{name}” is damaged. Save it again and send that.");
        }

        if (rule.SideOf(count) is { } side && side < Math.Max(seen.Width, seen.Height))
        {
            var many = count > PictureRule.Many ? " of so many pictures" : "";
            return Problem.Invalid(
                string.Create(CultureInfo.InvariantCulture, $"The picture “{name}” is {seen.Width:N0} × {seen.Height:N0} pixels. ")
                    + string.Create(
                        CultureInfo.InvariantCulture,
                        $"{provider.Title} accepts {side:N0} on each side{many}. Make it smaller."
                    )
            );
        }

        return rule.MaxBytes < Encoded(clean.Length)
            ? Problem.Invalid(
                $"The picture “{name}” is too large for {provider.Title}, which accepts {SizeOf(rule.MaxBytes.Value)} each. "
                    + "Make it smaller."
            )
            : new SentPicture(picture.Mark, clean, type);
    }

    private static long Encoded(int bytes) => Base64.GetMaxEncodedToUtf8Length(bytes);

    /// <summary>The largest file of an encoded size, rounded down.</summary>
    private static string SizeOf(long encoded) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(encoded * 0.75 / Megabyte * 10) / 10:0.#} MB");
}
